import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import type { KubectlResult } from '../control-plane/kubectl.ts';
import { credential } from '../fixtures/credentials.ts';
import { apiOf, pathOf } from './api.ts';
import {
  must,
  peersPolicy,
  type RunningWebhook,
  startGuardedControlPlane,
  startWebhook,
  untilAsked,
} from './guardrail.ts';
import { configMap, container, deployment, disruptionBudget, manifest, namespace, pod } from './objects.ts';

/**
 * What peers let in or hold up when their own policies are tried, and daytwo does not. docs/security.md lists all of these cases
 * and where each is tested: here is what guardrail, bypass and order.test.ts do not have.
 */

let controlPlane: ControlPlane;
let webhook: RunningWebhook;

const unbounded = container('app', { resources: {} });
/** With a port, and so with a preStop sleep if it is new. */
const serving = container('app', { ports: [{ containerPort: 8080 }] });

beforeAll(async () => {
  controlPlane = await startGuardedControlPlane();
  const before = manifest(
    namespace('legacy', 'production'),
    deployment('legacy', 'old', { replicas: 1 }, [unbounded]),
    deployment('legacy', 'doomed', { replicas: 1 }, [unbounded]),
    pod('legacy', 'old-pod', { containers: [unbounded] }),
    namespace('team'),
    deployment('team', 'old', { replicas: 1 }, [serving]),
    namespace('shop', 'production'),
  );
  await must(controlPlane, ['apply', '-f', '-'], before);
  await replicaSets('legacy', 'old', 1);
  await replicaSets('legacy', 'doomed', 1);
  await replicaSets('team', 'old', 1);
  webhook = await startWebhook(controlPlane, { policy: peersPolicy, port: 18_522, failurePolicy: 'Fail' });
  await untilAsked(controlPlane, webhook);
});

afterAll(async () => {
  await webhook?.stop();
  await controlPlane?.stop();
});

test('a budget of 100 % after its Deployment is refused, and the Deployment can be updated', async () => {
  await must(controlPlane, ['apply', '-f', '-'], manifest(deployment('shop', 'web', { replicas: 3 })));
  const budget = manifest(disruptionBudget('shop', { minAvailable: '100%' }, 'web'));
  expectRefused(await kubectl(['apply', '-f', '-'], budget), 'compute/pdb-blocks-eviction');
  const updated = await kubectl(['-n', 'shop', 'set', 'image', 'deployment/web', 'app=registry.example/app:2.0']);
  expect(updated.code, updated.stderr).toBe(0);
});

test('kubectl debug gets into a Pod that was bad before, and no key comes with it', async () => {
  const debug = ['-n', 'legacy', 'debug', 'old-pod', '--image=busybox:1', '--attach=false'];
  const clean = await kubectlAs('admin', debug);
  expect(clean.code, clean.stderr).toBe(0);
  const env = ['aws-access-key-id', 'aws-secret-key'].map((name, i) => `--env=K${i}=${credential(name)}`);
  expectRefused(await kubectlAs('admin', [...debug, ...env]), 'identity/static-cloud-credentials');
});

test('of a second bad container on an old violator only that one is refused', async () => {
  const extra = [{ op: 'add', path: '/spec/template/spec/containers/-', value: container('extra', { resources: {} }) }];
  const patch = ['-n', 'legacy', 'patch', 'deployment', 'old', '--type=json', '-p', JSON.stringify(extra)];
  const result = await kubectl(patch);
  expectRefused(result, 'container "extra" has no memory limit');
  expect(result.stderr).not.toContain('✗ compute/memory-limit  spec.template.spec.containers[0]');
});

test('a violator that is deleted in the foreground goes, with all that it owns', async () => {
  const deleted = await kubectl([
    '-n',
    'legacy',
    'delete',
    'deployment',
    'doomed',
    '--cascade=foreground',
    '--timeout=30s',
  ]);
  expect(deleted.code, deleted.stderr).toBe(0);
  await replicaSets('legacy', 'doomed', 0);
});

test('the largest objects get rid of their finalizers, daytwo or not', async () => {
  const admin = apiOf(controlPlane, 'admin');
  const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`key-${i}`, 'x'.repeat(35)]));
  const env = Array.from({ length: 7_000 }, (_, i) => ({ name: `VARIABLE_${i}`, value: 'x'.repeat(100) }));
  const held = (object: object): object => {
    const { metadata } = object as { metadata: object };
    return { ...object, metadata: { ...metadata, finalizers: ['example.com/hold'] } };
  };
  const objects = [
    held(configMap('shop', 'many', many)),
    held(configMap('shop', 'long', { log: 'x'.repeat(900 * 1024) })),
    held(deployment('shop', 'huge', { replicas: 0 }, [container('app', { env })])),
  ];
  for (const object of objects) {
    expect((await admin.create(object)).status).toBe(201);
    await admin.send('DELETE', pathOf(object));
    const freed = await admin.send('PATCH', pathOf(object), { metadata: { finalizers: null } }, mergePatch);
    expect(freed.status, freed.message).toBe(200);
    expect((await admin.send('GET', pathOf(object))).status).toBe(404);
  }
  await admin.close();
});

test('an annotation starts no rollout, although new objects are patched', async () => {
  const annotated = await kubectl(['-n', 'team', 'annotate', 'deployment', 'old', 'a=b']);
  expect(annotated.code, annotated.stderr).toBe(0);
  expect(annotated.stderr).toContain('compute/graceful-shutdown: not patched: it would start a rollout');
  await must(controlPlane, ['apply', '-f', '-'], manifest(deployment('team', 'new', { replicas: 1 }, [serving])));
  const hook = ['-o', 'jsonpath={.spec.template.spec.containers[0].lifecycle}'];
  expect(await must(controlPlane, ['-n', 'team', 'get', 'deployment', 'new', ...hook])).toContain('preStop');
  // The Deployment controller has been there: it wrote down which generation it saw.
  await vi.waitFor(async () => {
    const seen = '-o=jsonpath={.metadata.generation} {.status.observedGeneration}';
    const [generation, observed] = (await must(controlPlane, ['-n', 'team', 'get', 'deployment', 'old', seen])).split(
      ' ',
    );
    expect(observed).toBe(generation);
  }, 20_000);
  await replicaSets('team', 'old', 1);
});

test('scaled from one replica to three without a budget it says so, and again when the budget goes', async () => {
  await must(controlPlane, ['apply', '-f', '-'], manifest(deployment('shop', 'grows', { replicas: 1 })));
  const grown = await kubectl(['apply', '-f', '-'], manifest(deployment('shop', 'grows', { replicas: 3 })));
  expect(grown.code, grown.stderr).toBe(0);
  expect(grown.stderr).toContain('Warning: compute/pdb-required: pending');
  await must(controlPlane, ['apply', '-f', '-'], manifest(disruptionBudget('shop', { maxUnavailable: 1 }, 'grows')));
  await vi.waitFor(async () => {
    const deleted = await kubectl(['-n', 'shop', 'delete', 'pdb', 'grows', '--dry-run=server']);
    expect(deleted.code, deleted.stderr).toBe(0);
    expect(deleted.stderr).toContain('Warning: compute/pdb-required');
  }, 10_000);
});

const mergePatch = { 'content-type': 'application/merge-patch+json' };

async function kubectl(args: readonly string[], input = ''): Promise<KubectlResult> {
  return await kubectlAs('jane', args, input);
}

async function kubectlAs(user: string, args: readonly string[], input = ''): Promise<KubectlResult> {
  return await controlPlane.kubectl(args, { as: user, input });
}

function expectRefused({ code, stderr }: KubectlResult, word: string): void {
  expect(stderr).toContain('denied the request');
  expect(stderr).toContain(word);
  expect(code).not.toBe(0);
}

async function replicaSets(inNamespace: string, app: string, count: number): Promise<void> {
  await vi.waitFor(async () => {
    const found = await must(controlPlane, ['-n', inNamespace, 'get', 'replicasets', '-l', `app=${app}`, '-o', 'name']);
    expect(found.split('\n').filter((line) => line !== '')).toHaveLength(count);
  }, 20_000);
}
