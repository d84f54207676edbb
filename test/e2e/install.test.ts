import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { must, type RunningWebhook, startGuardedControlPlane, startWebhook, untilAsked } from './guardrail.ts';

/** What installs daytwo is accepted by a real API server, by Pod Security `restricted`, and by daytwo itself under `strict`. */

const folder = fileURLToPath(new URL('../../manifests/install/', import.meta.url));
const files = globSync('*.yaml', { cwd: folder }).toSorted();

let controlPlane: ControlPlane;
let webhook: RunningWebhook | undefined;

beforeAll(async () => {
  controlPlane = await startGuardedControlPlane();
});

afterAll(async () => {
  await webhook?.stop();
  await controlPlane?.stop();
});

test('applies in the order of its file names, without a warning', async () => {
  for (const file of files) {
    const { code, stderr } = await controlPlane.kubectl(['apply', '-f', join(folder, file)]);
    expect(stderr, file).toBe('');
    expect(code).toBe(0);
  }
});

test('its Pods are admitted by Pod Security restricted: the ReplicaSets make all four', async () => {
  const ready = ['-n', 'daytwo-system', 'get', 'pods', '-o', 'name'];
  await expect
    .poll(async () => (await must(controlPlane, ready)).trim().split('\n').length, { timeout: 20_000 })
    .toBe(4);
});

test('its service account may do what the manifests say and nothing near it', async () => {
  const as = '--as=system:serviceaccount:daytwo-system:daytwo';
  const may = async (...args: readonly string[]): Promise<boolean> =>
    (await controlPlane.kubectl(['auth', 'can-i', ...args, as])).stdout.trim() === 'yes';
  expect(await may('list', 'namespaces')).toBe(true);
  expect(await may('watch', 'poddisruptionbudgets', '--all-namespaces')).toBe(true);
  expect(await may('patch', 'validatingwebhookconfigurations/daytwo')).toBe(true);
  expect(await may('get', 'secrets/daytwo-certificates', '-n', 'daytwo-system')).toBe(true);
  expect(await may('list', 'secrets', '--all-namespaces')).toBe(false);
  expect(await may('get', 'secrets/other', '-n', 'daytwo-system')).toBe(false);
  expect(await may('patch', 'validatingwebhookconfigurations/other')).toBe(false);
  expect(await may('create', 'pods', '-n', 'daytwo-system')).toBe(false);
  expect(await may('delete', 'deployments', '-n', 'default')).toBe(false);
});

test('its controller may write just companions, Events, statuses of our kinds and one Lease', async () => {
  const as = '--as=system:serviceaccount:daytwo-system:daytwo-controller';
  const may = async (...args: readonly string[]): Promise<boolean> =>
    (await controlPlane.kubectl(['auth', 'can-i', ...args, as])).stdout.trim() === 'yes';
  for (const verb of ['create', 'patch', 'delete']) {
    expect(await may(verb, 'poddisruptionbudgets', '-n', 'default')).toBe(true);
    expect(await may(verb, 'networkpolicies', '-n', 'default')).toBe(true);
  }
  expect(await may('create', 'events.events.k8s.io', '-n', 'default')).toBe(true);
  expect(await may('update', 'leases/daytwo-controller', '-n', 'daytwo-system')).toBe(true);
  expect(await may('patch', 'readinessexemptions/legacy', '--subresource=status', '-n', 'default')).toBe(true);
  expect(await may('patch', 'readinessexemptions/legacy', '-n', 'default')).toBe(false);
  expect(await may('update', 'leases/other', '-n', 'daytwo-system')).toBe(false);
  expect(await may('create', 'leases', '-n', 'kube-system')).toBe(false);
  expect(await may('get', 'secrets/daytwo-certificates', '-n', 'daytwo-system')).toBe(false);
  expect(await may('patch', 'validatingwebhookconfigurations/daytwo')).toBe(false);
  expect(await may('create', 'pods', '-n', 'daytwo-system')).toBe(false);
  expect(await may('patch', 'deployments', '-n', 'default')).toBe(false);
});

test('passes the strict policy when it is installed into a namespace that daytwo does guard', async () => {
  await must(controlPlane, ['delete', 'validatingwebhookconfigurations,mutatingwebhookconfigurations', 'daytwo']);
  webhook = await startWebhook(controlPlane, { policy: 'strict', port: 18_446, failurePolicy: 'Fail' });
  await untilAsked(controlPlane, webhook);
  const elsewhere = files
    .filter((file) => !file.startsWith('60-'))
    .map((file) =>
      readFileSync(join(folder, file), 'utf8')
        .replaceAll('daytwo-system', 'guarded')
        // A class of the system's is for daytwo where it is installed, and for no one elsewhere.
        .replaceAll('system-cluster-critical', 'guardrails'),
    )
    .join('\n---\n');
  await must(controlPlane, ['create', 'priorityclass', 'guardrails', '--value=1000000']);
  await must(controlPlane, ['create', 'namespace', 'guarded']);
  await must(controlPlane, ['label', 'namespace', 'guarded', 'daytwo.dev/tier=production']);
  const { code, stderr } = await controlPlane.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], {
    input: elsewhere,
  });
  expect(stderr).not.toContain('denied the request');
  expect(code, stderr).toBe(0);
});
