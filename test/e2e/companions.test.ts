import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import type { KubectlResult } from '../control-plane/kubectl.ts';
import { type RunningController, startController } from './controller-process.ts';
import { must, type RunningWebhook, startGuardedControlPlane, startWebhook, untilAsked } from './guardrail.ts';
import { defaultDeny, deployment, disruptionBudget, manifest, namespace } from './objects.ts';

/** Companions that are missing, late, made, withdrawn and deleted, seen from admission and from the background. */

const policy = fileURLToPath(new URL('policies/companions.yaml', import.meta.url));
const grace = 6;
let controlPlane: ControlPlane;
let webhook: RunningWebhook;
let controller: RunningController;
const others: RunningController[] = [];

beforeAll(async () => {
  controlPlane = await startGuardedControlPlane();
  await must(controlPlane, ['create', 'namespace', 'daytwo-system']);
  webhook = await startWebhook(controlPlane, { policy, port: 18_551 });
  await untilAsked(controlPlane, webhook);
  controller = await startController(controlPlane, { policy, grace, port: 18_552 });
  await vi.waitFor(async () => expect(await controller.leads()).toBe(true), 10_000);
});

afterAll(async () => {
  controller?.signal('SIGKILL');
  for (const other of others) other.signal('SIGKILL');
  await webhook?.stop();
  await controlPlane?.stop();
});

const three = { replicas: 3 };

async function apply(...objects: readonly object[]): Promise<KubectlResult> {
  return await controlPlane.kubectl(['apply', '-f', '-'], { input: manifest(...objects) });
}

/** kubectl that must succeed, and what it warned of. */
async function admitted(result: Promise<KubectlResult>): Promise<string> {
  const { code, stderr } = await result;
  expect(code, stderr).toBe(0);
  return stderr;
}

async function open(name: string, tier?: 'production'): Promise<void> {
  await admitted(apply(namespace(name, tier)));
  await vi.waitFor(async () => {
    const { stderr } = await controlPlane.kubectl(['apply', '--dry-run=server', '-f', '-'], {
      input: manifest(deployment(name, 'probe', three)),
    });
    if (tier === 'production') expect(stderr).toContain('compute/pdb-required');
  }, 5_000);
}

function told(message: string, space: string): readonly Readonly<Record<string, unknown>>[] {
  return controller
    .logs()
    .filter(({ msg, object }) => msg === message && (object as { namespace?: string }).namespace === space);
}

async function events(
  space: string,
): Promise<readonly { readonly note: string; readonly regarding: { kind: string } }[]> {
  const answer = await must(controlPlane, ['get', 'events.v1.events.k8s.io', '-n', space, '-o', 'json']);
  const { items } = JSON.parse(answer) as {
    items: { reason: string; note: string; regarding: { kind: string } }[];
  };
  return items.filter(({ reason }) => reason === 'ReadinessViolation');
}

const soon = { timeout: 10_000, interval: 200 };

describe('what is missing', () => {
  test('is pending at admission, then a violation with metric, Event and log line, until it arrives', async () => {
    await open('late', 'production');
    await admitted(apply(defaultDeny('late')));
    const warned = await admitted(apply(deployment('late', 'checkout', three)));
    expect(warned).toContain('compute/pdb-required: pending: no PodDisruptionBudget selects its pods');
    await vi.waitFor(
      async () =>
        expect(await controller.metrics()).toContain(
          'daytwo_violations{check="compute/pdb-required",tier="production",state="pending"} 1',
        ),
      soon,
    );
    expect(await events('late')).toEqual([]);

    await vi.waitFor(() => expect(told('violation', 'late')).toHaveLength(1), { timeout: (grace + 5) * 1000 });
    expect(await controller.metrics()).toContain(
      'daytwo_violations{check="compute/pdb-required",tier="production",state="violation"} 1',
    );
    const [event, ...more] = await events('late');
    expect(more).toEqual([]);
    expect(event?.regarding).toMatchObject({ kind: 'Deployment', name: 'checkout', namespace: 'late' });
    expect(event?.note).toMatch(
      /^compute\/pdb-required: no PodDisruptionBudget selects its pods \(3 replicas\): .*\.$/,
    );

    await admitted(apply(disruptionBudget('late')));
    await vi.waitFor(() => expect(told('violation ended', 'late')).toHaveLength(1), soon);
    expect(await controller.metrics()).not.toMatch(/pdb-required",tier="production",state="violation"} 1/);
  });

  test('is said of the namespace too, by an Event that is found in it', async () => {
    await open('wide', 'production');
    await admitted(apply(deployment('wide')));
    await vi.waitFor(async () => expect(await events('wide')).toHaveLength(1), { timeout: (grace + 5) * 1000 });
    const [event] = await events('wide');
    expect(event?.regarding.kind).toBe('Namespace');
    expect(event?.note).toContain(
      'network/default-deny: no policy denies ingress and egress by default for Deployment checkout',
    );
  });

  test('is only counted where the policy only records', async () => {
    await open('calm');
    await admitted(apply(deployment('calm', 'checkout', three)));
    await vi.waitFor(
      async () => expect(await controller.metrics()).toMatch(/pdb-required",tier="standard",state="violation"} 1/),
      { timeout: (grace + 5) * 1000 },
    );
    expect(await events('calm')).toEqual([]);
  });

  test('is reported when a workload is scaled from 1 to 3 and when its budget is deleted later', async () => {
    await open('scaled', 'production');
    await admitted(apply(defaultDeny('scaled'), deployment('scaled', 'checkout')));
    await must(controlPlane, ['scale', 'deployment/checkout', '-n', 'scaled', '--replicas=3']);
    await vi.waitFor(() => expect(told('violation', 'scaled')).toHaveLength(1), { timeout: (grace + 5) * 1000 });

    await admitted(apply(disruptionBudget('scaled')));
    await vi.waitFor(() => expect(told('violation ended', 'scaled')).toHaveLength(1), soon);
    const warned = await admitted(controlPlane.kubectl(['delete', 'pdb', 'checkout', '-n', 'scaled']));
    expect(warned).toContain('Warning: compute/pdb-required: leaves Deployment checkout bare:');
    await vi.waitFor(() => expect(told('violation', 'scaled')).toHaveLength(2), soon);
    const answer = await must(controlPlane, ['get', 'events.v1.events.k8s.io', '-n', 'scaled', '-o', 'json']);
    expect(answer).toMatch(/"series":\s*{\s*"count": 2/);
  });
});

describe('the last companion', () => {
  test('is refused to be deleted where the policy says so, and never when the namespace goes', async () => {
    await open('strict', 'production');
    await admitted(apply(disruptionBudget('strict'), defaultDeny('strict')));
    await vi.waitFor(async () => {
      await admitted(apply(deployment('strict', 'checkout', three)));
    }, soon);
    const budgetGoes = async (): Promise<KubectlResult> =>
      await controlPlane.kubectl(['delete', 'pdb', 'checkout', '-n', 'strict']);
    await vi.waitFor(async () => {
      const { code, stderr } = await controlPlane.kubectl([
        'delete',
        'pdb',
        'checkout',
        '-n',
        'strict',
        '--dry-run=server',
      ]);
      expect(code).toBe(1);
      expect(stderr).toContain('leaves Deployment checkout bare: no PodDisruptionBudget selects its pods (3 replicas)');
    }, soon);
    const { stderr } = await controlPlane.kubectl(['delete', 'networkpolicy', 'default-deny', '-n', 'strict']);
    expect(stderr).toContain(
      'denied the request: NetworkPolicy strict/default-deny: 1 readiness check failed (Network)',
    );
    expect(stderr).toContain('leaves Namespace strict bare: no policy denies ingress and egress by default');

    // Another one that takes its place lets it go in the same second, however late the caches are.
    await admitted(apply({ ...disruptionBudget('strict'), metadata: { name: 'second', namespace: 'strict' } }));
    await admitted(budgetGoes());
    await must(controlPlane, ['delete', 'namespace', 'strict', '--timeout=60s']);
    expect(await events('strict').catch(() => [])).toEqual([]);
  });

  test('of a workload that goes in the same command may go', async () => {
    await open('leaving', 'production');
    const all = manifest(defaultDeny('leaving'), disruptionBudget('leaving'), deployment('leaving', 'checkout', three));
    await must(controlPlane, ['apply', '-f', '-'], all);
    await must(controlPlane, ['delete', '-f', '-'], all);
  });
});

describe('whenMissing: Deny', () => {
  test('refuses a workload that comes before its companions, but no dry run, and no one whose companions just came', async () => {
    await open('strict', 'production').catch(async () => await open('strict', 'production'));
    const dry = await controlPlane.kubectl(['apply', '--dry-run=server', '-f', '-'], {
      input: manifest(deployment('strict', 'checkout', three)),
    });
    expect(dry.code, dry.stderr).toBe(0);
    const refused = await apply(deployment('strict', 'checkout', three));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('2 readiness checks failed (Compute, Network)');
    expect(refused.stderr).toContain('no PodDisruptionBudget selects its pods (3 replicas)');
    expect(refused.stderr).toContain('kind: NetworkPolicy');
    // As Helm does: in one go, companions first.
    await admitted(apply(defaultDeny('strict'), disruptionBudget('strict'), deployment('strict', 'checkout', three)));
    // An old one may be scaled whatever is missing.
    await admitted(apply(deployment('strict', 'single')));
    await must(controlPlane, ['scale', 'deployment/single', '-n', 'strict', '--replicas=3']);
    await admitted(apply(deployment('strict', 'single', { replicas: 4 })));
  });
});

test('two controllers have one leader, and killing it makes the other one lead and say nothing twice', async () => {
  await open('failover', 'production');
  await admitted(apply(defaultDeny('failover'), deployment('failover', 'checkout', three)));
  await vi.waitFor(async () => expect(await events('failover')).toHaveLength(1), { timeout: (grace + 5) * 1000 });
  const second = await startController(controlPlane, { policy, grace, port: 18_553 });
  others.push(second);
  expect([await controller.leads(), await second.leads()]).toEqual([true, false]);
  controller.signal('SIGKILL');
  await vi.waitFor(async () => expect(await second.leads()).toBe(true), { timeout: 25_000, interval: 500 });
  controller = second;
  await vi.waitFor(() => expect(told('violation', 'failover')).toHaveLength(1), soon);
  expect(await events('failover')).toHaveLength(1);
  await admitted(apply(disruptionBudget('failover')));
  await vi.waitFor(() => expect(told('violation ended', 'failover')).toHaveLength(1), soon);
});
