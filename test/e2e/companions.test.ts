import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import type { KubectlResult } from '../control-plane/kubectl.ts';
import { type RunningController, startController } from './controller-process.ts';
import { must, type RunningWebhook, startGuardedControlPlane, startWebhook, untilAsked } from './guardrail.ts';
import { container, defaultDeny, deployment, disruptionBudget, manifest, namespace, storageClass } from './objects.ts';

/** Companions that are missing, late, made, withdrawn and deleted, seen from admission and from the background. */

const policy = fileURLToPath(new URL('policies/companions.yaml', import.meta.url));
const installed = fileURLToPath(new URL('../../manifests/install/', import.meta.url));
const grace = 6;
let controlPlane: ControlPlane;
let webhook: RunningWebhook;
let controller: RunningController;
const others: RunningController[] = [];

beforeAll(async () => {
  controlPlane = await startGuardedControlPlane();
  for (const file of ['00-namespace.yaml', '05-crds.yaml', '10-service-account.yaml', '20-rbac.yaml'])
    await must(controlPlane, ['apply', '-f', join(installed, file)]);
  await must(controlPlane, ['wait', '--for=condition=Established', 'crd', '--all']);
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
const podSpec = { containers: [container()] };

function specOf(object: object): object {
  return (object as { readonly spec: object }).spec;
}

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

describe('what an object names and nobody has made', () => {
  const arrivesLate = async (object: object, finding: string, awaited: object): Promise<void> => {
    await admitted(apply(namespace('named')));
    expect(await admitted(apply(object))).toContain(finding.replace(': ', ': pending: '));
    const lines = (message: string): readonly unknown[] =>
      told(message, 'named').filter((line) => `${String(line['check'])}: ${String(line['finding'])}` === finding);
    await vi.waitFor(() => expect(lines('violation')).toHaveLength(1), { timeout: (grace + 5) * 1000 });
    await vi.waitFor(
      async () => expect((await events('named')).filter(({ note }) => note.startsWith(finding))).toHaveLength(1),
      soon,
    );
    await admitted(apply(awaited));
    // Sooner than everything is judged again.
    await vi.waitFor(() => expect(lines('violation ended')).toHaveLength(1), { timeout: 5_000, interval: 100 });
  };

  test('a ServiceAccount', async () => {
    const podSpec = { serviceAccountName: 'robot', containers: [container()] };
    await arrivesLate(
      deployment('named', 'checkout', { template: { metadata: { labels: { app: 'checkout' } }, spec: podSpec } }),
      'identity/service-account-exists: there is no ServiceAccount robot in the namespace',
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot', namespace: 'named' } },
    );
  });

  test('a StorageClass, which lies outside of the namespace', async () => {
    await arrivesLate(
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'data', namespace: 'named' },
        spec: { storageClassName: 'late', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
      'storage/pvc-storageclass: StorageClass "late", which the claim names, does not exist',
      storageClass('late'),
    );
  });
});

test('two default StorageClasses are a violation only if it lasts, with an Event in the namespace default', async () => {
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  const standard = (name: string): object => storageClass(name, { metadata: { name, annotations } });
  await admitted(apply(standard('first')));
  const dryRun = ['apply', '--dry-run=server', '-f', '-'];
  await vi.waitFor(async () => {
    const warned = await admitted(controlPlane.kubectl(dryRun, { input: manifest(standard('second')) }));
    expect(warned).toContain('storage/default-storageclass: StorageClass first is the default too');
  }, soon);
  await admitted(apply(standard('second')));
  expect(await events('default')).toEqual([]);
  await vi.waitFor(async () => expect(await events('default')).toHaveLength(2), { timeout: (grace + 5) * 1000 });
  const [event] = await events('default');
  expect(event?.regarding.kind).toBe('StorageClass');
  expect(event?.note).toMatch(/^storage\/default-storageclass: StorageClass (first|second) is the default too/);
  await must(controlPlane, ['delete', 'storageclass', 'second']);
  await vi.waitFor(async () => expect(await controller.metrics()).not.toContain('storage/default-storageclass'), soon);
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

describe('whenMissing: Create', () => {
  const optIn = (name: string, generate: string): object => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'daytwo.dev/tier': 'production', 'daytwo.dev/generate': generate } },
  });
  const objectNames = async (resource: string, space: string): Promise<string> =>
    (await must(controlPlane, ['get', resource, '-n', space, '-o', 'name'])).trim();

  test('makes a budget after the grace period, which goes when the user brings his own', async () => {
    await admitted(apply(optIn('golden', 'pdb')));
    await admitted(
      apply(defaultDeny('golden'), deployment('golden', 'checkout', three), deployment('golden', 'single')),
    );
    await vi.waitFor(
      async () => expect(await objectNames('pdb', 'golden')).toBe('poddisruptionbudget.policy/checkout-day2'),
      { timeout: (grace + 8) * 1000, interval: 200 },
    );
    const made = JSON.parse(
      await must(controlPlane, ['get', 'pdb', 'checkout-day2', '-n', 'golden', '-o', 'json', '--show-managed-fields']),
    ) as {
      metadata: { managedFields: { manager: string; operation: string }[] };
    };
    expect(made).toMatchObject({
      metadata: {
        labels: { 'daytwo.dev/generated': 'true' },
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'checkout' }],
      },
      spec: {
        maxUnavailable: 1,
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
        selector: { matchLabels: { app: 'checkout' } },
      },
    });
    expect(made.metadata.managedFields[0]).toMatchObject({ manager: 'daytwo', operation: 'Apply' });
    await vi.waitFor(() => expect(told('violation ended', 'golden')).toHaveLength(1), soon);

    await admitted(apply(disruptionBudget('golden', { minAvailable: 2 })));
    await vi.waitFor(
      async () => expect(await objectNames('pdb', 'golden')).toBe('poddisruptionbudget.policy/checkout'),
      soon,
    );
    expect(told('violation', 'golden')).toHaveLength(1);
  });

  test('makes no budget whose selector would take in other pods, nor where nobody opted in', async () => {
    await admitted(apply(optIn('shared', 'pdb'), namespace('unasked', 'production')));
    const labels = { app: 'checkout', part: 'b' };
    const other = deployment('shared', 'other', { template: { metadata: { labels }, spec: podSpec } });
    const one = deployment('shared', 'checkout', three);
    await admitted(
      apply(defaultDeny('shared'), one, { ...other, spec: { ...specOf(other), selector: { matchLabels: labels } } }),
    );
    await admitted(apply(defaultDeny('unasked'), deployment('unasked', 'checkout', three)));
    await vi.waitFor(() => expect(told('violation', 'shared')).toHaveLength(1), { timeout: (grace + 5) * 1000 });
    await vi.waitFor(() => expect(told('violation', 'unasked')).toHaveLength(1), soon);
    expect(await objectNames('pdb', 'shared')).toBe('');
    expect(await objectNames('pdb', 'unasked')).toBe('');
  });

  test('closes a new namespace, lets DNS out, and goes when the user brings his own or opts out', async () => {
    await admitted(apply(optIn('closed', 'pdb.networkpolicy')));
    const ours =
      'networkpolicy.networking.k8s.io/daytwo-allow-dns\nnetworkpolicy.networking.k8s.io/daytwo-default-deny';
    await vi.waitFor(async () => expect(await objectNames('networkpolicy', 'closed')).toBe(ours), soon);
    expect(await admitted(apply(deployment('closed')))).toBe('');
    await admitted(apply(defaultDeny('closed')));
    await vi.waitFor(
      async () =>
        expect(await objectNames('networkpolicy', 'closed')).toBe('networkpolicy.networking.k8s.io/default-deny'),
      soon,
    );

    await admitted(apply(optIn('opened', 'networkpolicy')));
    await vi.waitFor(async () => expect(await objectNames('networkpolicy', 'opened')).toBe(ours), soon);
    await must(controlPlane, ['label', 'namespace', 'opened', 'daytwo.dev/generate-']);
    await vi.waitFor(async () => expect(await objectNames('networkpolicy', 'opened')).toBe(''), soon);
  });

  test('closes no namespace in which something runs already, or that the API server calls', async () => {
    await open('running', 'production');
    await admitted(apply(deployment('running')));
    await vi.waitFor(async () => expect(await objectNames('pods', 'running')).not.toBe(''), soon);
    await admitted(
      controlPlane.kubectl(['create', '-f', '-'], {
        input: manifest({
          apiVersion: 'admissionregistration.k8s.io/v1',
          kind: 'ValidatingWebhookConfiguration',
          metadata: { name: 'someone' },
          webhooks: [
            {
              name: 'someone.example.com',
              clientConfig: { service: { name: 'hook', namespace: 'called' } },
              admissionReviewVersions: ['v1'],
              sideEffects: 'None',
              failurePolicy: 'Ignore',
              rules: [
                { apiGroups: ['example.com'], apiVersions: ['v1'], resources: ['things'], operations: ['CREATE'] },
              ],
            },
          ],
        }),
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await admitted(apply(optIn('running', 'networkpolicy'), optIn('called', 'networkpolicy')));
    const risks = (): readonly unknown[] =>
      controller
        .logs()
        .flatMap(({ msg, judged, risk }) => (msg === 'no NetworkPolicies are made here' ? [[judged, risk]] : []));
    await vi.waitFor(() => expect(risks()).toHaveLength(2), soon);
    expect(risks()).toContainEqual(['running', expect.stringMatching(/^Pod checkout-.* is older than the opt-in/)]);
    expect(risks()).toContainEqual(['called', expect.stringContaining('ValidatingWebhookConfiguration someone')]);
    expect(await objectNames('networkpolicy', 'running')).toBe('');
    expect(await objectNames('networkpolicy', 'called')).toBe('');
  });
});

describe('the status of our own kinds', () => {
  const statusOf = async (...args: readonly string[]): Promise<unknown> =>
    JSON.parse((await must(controlPlane, ['get', ...args, '-o', 'jsonpath={.status}'])) || '{}') as unknown;

  test('says of a policy whether it is in force, of an exemption what it is worth and how much it excuses', async () => {
    await open('excused', 'production');
    const until = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    await admitted(
      apply(
        defaultDeny('excused'),
        {
          apiVersion: 'daytwo.dev/v1alpha1',
          kind: 'ReadinessPolicy',
          metadata: { name: 'extra' },
          spec: { rules: [{ check: 'compute/memory-limit', action: 'Audit' }] },
        },
        {
          apiVersion: 'daytwo.dev/v1alpha1',
          kind: 'ReadinessExemption',
          metadata: { name: 'legacy', namespace: 'excused' },
          spec: {
            checks: ['compute/pdb-required', 'compute/memory-limit'],
            target: { kind: 'apps/Deployment', name: 'checkout' },
            reason: 'is replaced',
            owner: 'team',
            until,
          },
        },
      ),
    );
    await admitted(apply(deployment('excused', 'checkout', three, [container('app', { resources: {} })])));
    await vi.waitFor(
      async () =>
        expect(await statusOf('readinesspolicy', 'extra')).toEqual({
          accepted: true,
          message: 'in force',
          rules: 1,
          observedGeneration: 1,
        }),
      soon,
    );
    await vi.waitFor(
      async () =>
        expect(await statusOf('readinessexemption', 'legacy', '-n', 'excused')).toMatchObject({
          state: 'Active',
          message: `until ${until}`,
          observedGeneration: 1,
        }),
      soon,
    );
    // What it excuses is counted again for a new generation at once, else within a minute or so.
    const patch = JSON.stringify({ spec: { reason: 'is replaced soon' } });
    await must(controlPlane, ['patch', 'readinessexemption', 'legacy', '-n', 'excused', '--type=merge', '-p', patch]);
    await vi.waitFor(
      async () =>
        expect(await statusOf('readinessexemption', 'legacy', '-n', 'excused')).toMatchObject({
          uses: 2,
          observedGeneration: 2,
        }),
      soon,
    );
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

test('nothing that it needs was refused to its ServiceAccount', () => {
  const all = [controller, ...others].flatMap((one) => one.logs());
  expect(all.filter((line) => /forbidden/i.test(JSON.stringify(line)))).toEqual([]);
});
