import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import type { KubectlResult } from '../control-plane/kubectl.ts';
import { credential } from '../fixtures/credentials.ts';
import {
  firstEight,
  must,
  type RunningWebhook,
  startGuardedControlPlane,
  startWebhook,
  untilAsked,
  webhookConfigurations,
} from './guardrail.ts';
import {
  configMap,
  container,
  defaultDeny,
  deployment,
  disruptionBudget,
  manifest,
  namespace,
  node,
  pod,
  secret,
  storageClass,
} from './objects.ts';

const port = 18_443;
let controlPlane: ControlPlane;
let webhook: RunningWebhook;

beforeAll(async () => {
  controlPlane = await startGuardedControlPlane();
  // What was there before daytwo: violators that must go on living.
  const old = deployment('legacy', 'old', { replicas: 0 }, [container('app', { resources: {} })]);
  const before = [
    namespace('legacy', 'production'),
    old,
    pod('legacy', 'old-pod', { containers: [container('app', { resources: {} })] }),
  ];
  await must(controlPlane, ['apply', '-f', '-'], manifest(...before));
  await must(controlPlane, ['apply', '-f', '-'], manifest(node('a', 'eu-1a'), node('b', 'eu-1b')));
  await must(
    controlPlane,
    ['apply', '-f', '-'],
    manifest(namespace('shop', 'production'), namespace('play', 'sandbox'), namespace('team')),
  );
  webhook = await startWebhook(controlPlane, { policy: firstEight, port });
  await untilAsked(controlPlane, webhook);
});

afterAll(async () => {
  await webhook?.stop();
  await controlPlane?.stop();
});

/** As a plain developer. */
async function apply(objects: string, ...flags: readonly string[]): Promise<KubectlResult> {
  return await controlPlane.kubectl(['apply', '-f', '-', ...flags], { as: 'jane', input: objects });
}

async function applyAsAdmin(objects: string, ...flags: readonly string[]): Promise<KubectlResult> {
  return await controlPlane.kubectl(['apply', '-f', '-', ...flags], { input: objects });
}

function expectRefused({ code, stderr }: KubectlResult, ...words: readonly string[]): void {
  for (const word of ['denied the request', ...words]) expect(stderr).toContain(word);
  expect(code).not.toBe(0);
}

function expectAdmitted({ code, stderr }: KubectlResult, ...words: readonly string[]): void {
  expect(code, stderr).toBe(0);
  for (const word of words) expect(stderr).toContain(word);
}

const unbounded = container('app', { resources: {} });
const noMemoryLimit = container('app', { resources: { requests: { cpu: '50m', memory: '64Mi' } } });
const onlyMemoryLimit = container('app', { resources: { limits: { memory: '64Mi' } } });

describe('compute/resource-requests and compute/memory-limit', () => {
  test('refuse in production, naming the container and its path, all findings at once', async () => {
    const result = await apply(manifest(deployment('shop', 'bare', {}, [unbounded])));
    expectRefused(result, 'Deployment shop/bare', 'compute/resource-requests', 'compute/memory-limit', '"app"');
    expect(result.stderr).toContain('spec.template.spec.containers[0].resources');
  });

  test('refuse each on its own', async () => {
    const first = await apply(manifest(deployment('shop', 'one', {}, [noMemoryLimit])));
    expectRefused(first, 'compute/memory-limit');
    expect(first.stderr).not.toContain('compute/resource-requests');
    const second = await apply(manifest(deployment('shop', 'two', {}, [onlyMemoryLimit])));
    expectRefused(second, 'compute/resource-requests', 'cpu');
    expect(second.stderr).not.toContain('compute/memory-limit ');
  });

  test('warn in a namespace without a tier, and are silent in a sandbox', async () => {
    const bad = (name: string): string => manifest(deployment(name, 'bare', {}, [unbounded]));
    expectAdmitted(await apply(bad('team')), 'Warning: compute/resource-requests', 'Warning: compute/memory-limit');
    const sandboxed = await apply(bad('play'));
    expectAdmitted(sandboxed);
    expect(sandboxed.stderr).not.toContain('Warning');
  });

  test('accept what a LimitRange of the namespace fills in', async () => {
    const limits = [
      { type: 'Container', default: { memory: '64Mi', cpu: '100m' }, defaultRequest: { memory: '64Mi', cpu: '50m' } },
    ];
    const range = {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'defaults', namespace: 'limited' },
      spec: { limits },
    };
    await must(controlPlane, ['apply', '-f', '-'], manifest(namespace('limited', 'production'), range));
    await vi.waitFor(async () => {
      expectAdmitted(await apply(manifest(deployment('limited', 'bare', {}, [unbounded]))));
    }, 10_000);
  });

  test.each([
    ['a bare Pod', pod('shop', 'bare', { containers: [unbounded] })],
    ['a bare ReplicaSet', { ...deployment('shop', 'bare', {}, [unbounded]), kind: 'ReplicaSet' }],
    ['a Job', job('bare')],
    [
      'a CronJob',
      {
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        metadata: { name: 'bare', namespace: 'shop' },
        spec: { schedule: '* * * * *', jobTemplate: { spec: jobSpec() } },
      },
    ],
    [
      'a native sidecar',
      deployment('shop', 'bare', {
        template: {
          metadata: { labels: { app: 'bare' } },
          spec: {
            initContainers: [container('side', { restartPolicy: 'Always', resources: {} })],
            containers: [container()],
          },
        },
      }),
    ],
    [
      'requests of 0',
      deployment('shop', 'bare', {}, [
        container('app', { resources: { requests: { cpu: 0, memory: 0 }, limits: { memory: '64Mi' } } }),
      ]),
    ],
  ])('refuse %s', async (_case, object) => {
    expectRefused(await apply(manifest(object)), 'compute/resource-requests');
  });

  function job(name: string): object {
    return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name, namespace: 'shop' }, spec: jobSpec() };
  }

  function jobSpec(): object {
    return { template: { spec: { restartPolicy: 'Never', containers: [unbounded] } } };
  }
});

describe('compute/pdb-required', () => {
  test('a Deployment before its PodDisruptionBudget is admitted with a pending warning', async () => {
    expectAdmitted(
      await apply(manifest(deployment('shop', 'early', { replicas: 3 }))),
      'Warning: compute/pdb-required',
    );
  });

  test('and without one when the budget is there, whatever the labels it selects by', async () => {
    const byExpression = {
      maxUnavailable: 1,
      selector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['late'] }] },
    };
    await must(controlPlane, ['apply', '-f', '-'], manifest(disruptionBudget('shop', byExpression, 'late')));
    await vi.waitFor(async () => {
      const result = await apply(manifest(deployment('shop', 'late', { replicas: 3 })), '--dry-run=server');
      expectAdmitted(result);
      expect(result.stderr).not.toContain('compute/pdb-required');
    }, 10_000);
  });
});

describe('compute/pdb-blocks-eviction', () => {
  test.each([
    ['maxUnavailable: 0', { maxUnavailable: 0 }],
    ['minAvailable: 100%', { minAvailable: '100%' }],
    ['neither field', {}],
  ])('refuses a budget with %s', async (_case, spec) => {
    expectRefused(
      await apply(manifest(disruptionBudget('shop', { ...spec, selector: { matchLabels: { app: 'x' } } }, 'x'))),
      'compute/pdb-blocks-eviction',
    );
  });

  test('warns in a sandbox', async () => {
    expectAdmitted(
      await apply(manifest(disruptionBudget('play', { maxUnavailable: 0 }))),
      'Warning: compute/pdb-blocks-eviction',
    );
  });

  test('accepts one with a reason, and none without', async () => {
    const budget = (reason: string): object => ({
      ...disruptionBudget('shop', { maxUnavailable: 0 }, 'etcd'),
      metadata: { name: 'etcd', namespace: 'shop', annotations: { 'daytwo.dev/allow-drain-block': reason } },
    });
    expectRefused(await apply(manifest(budget('')), '--dry-run=server'), 'compute/pdb-blocks-eviction');
    expectAdmitted(await apply(manifest(budget('drained by hand, runbook 12'))));
  });

  test('a budget that leaves nothing evictable refuses itself, never the Deployment it was written for', async () => {
    expectAdmitted(await apply(manifest(deployment('shop', 'single', { replicas: 1 }))));
    await vi.waitFor(async () => {
      const budget = manifest(disruptionBudget('shop', { minAvailable: 1 }, 'single'));
      expectAdmitted(await apply(budget, '--dry-run=server'), 'Warning: compute/pdb-blocks-eviction');
    }, 10_000);
    expectAdmitted(await apply(manifest(disruptionBudget('shop', { minAvailable: 1 }, 'single'))));
    expectAdmitted(
      await controlPlane.kubectl(['-n', 'shop', 'set', 'image', 'deployment/single', 'app=registry.example/app:2.0'], {
        as: 'jane',
      }),
    );
  });
});

describe('network/default-deny', () => {
  test('a production workload in an open namespace is admitted with a pending warning, and without one behind a policy', async () => {
    await must(controlPlane, ['apply', '-f', '-'], manifest(namespace('open', 'production')));
    await vi.waitFor(async () => {
      expectAdmitted(await apply(manifest(deployment('open')), '--dry-run=server'), 'Warning: network/default-deny');
    }, 10_000);
    expectAdmitted(await apply(manifest(defaultDeny('open'))));
    await vi.waitFor(async () => {
      const result = await apply(manifest(deployment('open')));
      expectAdmitted(result);
      expect(result.stderr).not.toContain('network/default-deny');
    }, 10_000);
  });
});

describe('storage/volume-binding-mode', () => {
  test('a zonal class without a binding mode is patched on CREATE and says by whom', async () => {
    expectAdmitted(await applyAsAdmin(manifest(storageClass('gp3'))));
    const made = JSON.parse(await must(controlPlane, ['get', 'storageclass', 'gp3', '-o', 'json'])) as {
      volumeBindingMode: string;
      metadata: { annotations: Record<string, string> };
    };
    expect(made.volumeBindingMode).toBe('WaitForFirstConsumer');
    expect(made.metadata.annotations['daytwo.dev/mutated-by']).toBe('storage/volume-binding-mode');
  });

  test('Immediate written by hand is refused, and accepted with a reason', async () => {
    const explicit = storageClass('fast', { volumeBindingMode: 'Immediate' });
    expectRefused(await applyAsAdmin(manifest(explicit)), 'storage/volume-binding-mode', 'WaitForFirstConsumer');
    const reasoned = {
      ...explicit,
      metadata: { name: 'fast', annotations: { 'daytwo.dev/allow-immediate-binding': 'one rack' } },
    };
    expectAdmitted(await applyAsAdmin(manifest(reasoned)));
  });

  test('a class that no zone binds is left alone', async () => {
    expectAdmitted(await applyAsAdmin(manifest({ ...storageClass('efs'), provisioner: 'efs.csi.aws.com' })));
    expect(await must(controlPlane, ['get', 'storageclass', 'efs', '-o', 'jsonpath={.volumeBindingMode}'])).toBe(
      'Immediate',
    );
  });
});

describe('identity/static-cloud-credentials', () => {
  const key = credential('aws-access-key-id');
  const secretKey = credential('aws-secret-key');
  const env = [
    { name: 'AWS_ACCESS_KEY_ID', value: key },
    { name: 'AWS_SECRET_ACCESS_KEY', value: secretKey },
  ];

  test('refuses a literal key pair in any tier that is no sandbox, and shows no part of the secret', async () => {
    const result = await apply(manifest(deployment('team', 'leaky', {}, [container('app', { env })])));
    expectRefused(result, 'identity/static-cloud-credentials', 'AWS_');
    expectNothingOf(result, secretKey);
    expectNothingOf(result, key.slice(0, -4));
  });

  test('warns in a sandbox', async () => {
    const result = await apply(manifest(deployment('play', 'leaky', {}, [container('app', { env })])));
    expectAdmitted(result, 'Warning: identity/static-cloud-credentials');
    expectNothingOf(result, secretKey);
  });

  test('refuses it in a ConfigMap', async () => {
    const data = { 'credentials.ini': `[default]\naws_access_key_id = ${key}\naws_secret_access_key = ${secretKey}\n` };
    expectRefused(await apply(manifest(configMap('shop', 'aws', data))), 'identity/static-cloud-credentials');
  });

  test('refuses it in an ephemeral container, and lets kubectl debug without one through', async () => {
    expectAdmitted(await apply(manifest(pod('shop', 'victim'))));
    const attach = async (value: object): Promise<KubectlResult> =>
      await controlPlane.kubectl(
        [
          '-n',
          'shop',
          'patch',
          'pod',
          'victim',
          '--subresource=ephemeralcontainers',
          '-p',
          JSON.stringify({ spec: { ephemeralContainers: [value] } }),
        ],
        {},
      );
    expectRefused(await attach({ name: 'debug', image: 'busybox:1', env }), 'identity/static-cloud-credentials');
    expectAdmitted(await attach({ name: 'debug', image: 'busybox:1' }));
  });

  test('does not mistake a name for a key', async () => {
    const innocent = [
      { name: 'SECRETS_DIR', value: '/mnt/secrets' },
      { name: 'TOKEN_TTL', value: '30' },
    ];
    expectAdmitted(await apply(manifest(deployment('shop', 'innocent', {}, [container('app', { env: innocent })]))));
  });

  function expectNothingOf({ stdout, stderr }: KubectlResult, material: string): void {
    for (let i = 0; i + 8 <= material.length; i += 4) expect(stdout + stderr).not.toContain(material.slice(i, i + 8));
  }
});

describe('an UPDATE', () => {
  test('that keeps an old violation passes with a warning', async () => {
    const result = await controlPlane.kubectl(['-n', 'legacy', 'label', 'deployment', 'old', 'a=b'], { as: 'jane' });
    expectAdmitted(result, 'Warning: compute/memory-limit');
  });

  test('that adds a violation is refused for that one only', async () => {
    const extra = JSON.stringify([
      { op: 'add', path: '/spec/template/spec/containers/-', value: container('extra', { resources: {} }) },
    ]);
    const result = await controlPlane.kubectl(
      ['-n', 'legacy', 'patch', 'deployment', 'old', '--type=json', '-p', extra],
      { as: 'jane' },
    );
    expectRefused(result, '"extra"');
  });

  test.each([
    [
      'a strategic merge patch',
      [
        '--type=strategic',
        '-p',
        JSON.stringify({
          spec: { template: { spec: { containers: [{ name: 'app', resources: { $patch: 'replace' } }] } } },
        }),
      ],
    ],
    [
      'a merge patch',
      [
        '--type=merge',
        '-p',
        JSON.stringify({ spec: { template: { spec: { containers: [{ ...container('app'), resources: {} }] } } } }),
      ],
    ],
    [
      'a JSON patch',
      ['--type=json', '-p', JSON.stringify([{ op: 'remove', path: '/spec/template/spec/containers/0/resources' }])],
    ],
  ])('that takes the limits away by %s is refused', async (_case, args) => {
    await apply(manifest(deployment('shop', 'patched')));
    expectRefused(
      await controlPlane.kubectl(['-n', 'shop', 'patch', 'deployment', 'patched', ...args], { as: 'jane' }),
      'compute/memory-limit',
    );
  });

  test('by server-side apply and as a dry run is judged all the same', async () => {
    const bad = manifest(deployment('shop', 'ssa', {}, [unbounded]));
    expectRefused(await apply(bad, '--server-side'), 'compute/memory-limit');
    expectRefused(await apply(bad, '--dry-run=server'), 'compute/memory-limit');
    expectAdmitted(await apply(manifest(deployment('shop', 'ssa')), '--server-side'));
  });

  test('by replace --force and with a generated name is judged all the same', async () => {
    await apply(manifest(deployment('shop', 'forced')));
    const bad = manifest(deployment('shop', 'forced', {}, [unbounded]));
    expectRefused(
      await controlPlane.kubectl(['replace', '--force', '-f', '-'], { as: 'jane', input: bad }),
      'compute/memory-limit',
    );
    const generated = manifest(pod('shop', '', { containers: [unbounded] }, { generateName: 'job-', name: undefined }));
    expectRefused(
      await controlPlane.kubectl(['create', '-f', '-'], { as: 'jane', input: generated }),
      'compute/memory-limit',
    );
  });
});

describe('nobody gets stuck', () => {
  test('a violator can be scaled, and the Pods that its controllers make are admitted', async () => {
    expectAdmitted(
      await controlPlane.kubectl(['-n', 'legacy', 'scale', 'deployment', 'old', '--replicas=2'], { as: 'jane' }),
    );
    await vi.waitFor(async () => {
      const made = await must(controlPlane, ['-n', 'legacy', 'get', 'pods', '-l', 'app=old', '-o', 'name']);
      expect(made.trim().split('\n')).toHaveLength(2);
    }, 20_000);
  });

  test('what ran before is rolled back to, and nothing else', async () => {
    await must(controlPlane, ['apply', '-f', '-'], manifest(namespace('turned')));
    const stateful = (container: object): object => ({
      ...deployment('turned', 'db', { replicas: 0, serviceName: 'db' }, [container]),
      kind: 'StatefulSet',
    });
    const both = (container: object): string =>
      manifest(deployment('turned', 'web', { replicas: 0 }, [container]), stateful(container));
    // Not yet production: it only warns.
    expectAdmitted(await apply(both(unbounded)), 'Warning: compute/memory-limit');
    await untilRevised('replicasets', 1);
    await untilRevised('controllerrevisions', 1);
    expectAdmitted(await apply(both(container())));
    await untilRevised('controllerrevisions', 2);
    await must(controlPlane, ['label', 'namespace', 'turned', 'daytwo.dev/tier=production']);
    const other = container('app', { resources: {}, image: 'registry.example/app:2.0' });
    const tried = async (): Promise<KubectlResult> => await apply(both(other), '--dry-run=server');
    await vi.waitFor(async () => expectRefused(await tried(), 'compute/memory-limit'), 10_000);
    for (const workload of ['deployment/web', 'statefulset/db']) {
      const undone = await controlPlane.kubectl(['-n', 'turned', 'rollout', 'undo', workload], { as: 'jane' });
      expectAdmitted(undone, 'Warning: compute/memory-limit');
    }
    // Forth again, and to something that never ran.
    expectAdmitted(await apply(both(container())));
    expectRefused(await apply(both(other)), 'compute/memory-limit');

    async function untilRevised(kind: string, count: number): Promise<void> {
      await vi.waitFor(async () => {
        const made = await must(controlPlane, ['-n', 'turned', 'get', kind, '-o', 'name']);
        expect(made.trim().split('\n')).toHaveLength(count);
      }, 20_000);
    }
  });

  test('a label of an old violating Pod can be changed', async () => {
    expectAdmitted(await controlPlane.kubectl(['-n', 'legacy', 'label', 'pod', 'old-pod', 'a=b'], { as: 'jane' }));
  });

  test('a finalizer of a deleted violator can be removed, and the violator goes', async () => {
    const on = ['-n', 'legacy', 'patch', 'pod', 'old-pod', '--type=merge', '-p'];
    await must(controlPlane, [...on, JSON.stringify({ metadata: { finalizers: ['example.com/hold'] } })]);
    await must(controlPlane, [
      '-n',
      'legacy',
      'delete',
      'pod',
      'old-pod',
      '--wait=false',
      '--grace-period=0',
      '--force',
    ]);
    await must(controlPlane, [...on, JSON.stringify({ metadata: { finalizers: null } })]);
    await vi.waitFor(
      async () =>
        expect((await controlPlane.kubectl(['-n', 'legacy', 'get', 'pod', 'old-pod'])).stderr).toContain('NotFound'),
      10_000,
    );
  });

  test('a violator can be deleted in the foreground', async () => {
    const deleted = await controlPlane.kubectl(
      ['-n', 'legacy', 'delete', 'deployment', 'old', '--cascade=foreground'],
      { as: 'jane' },
    );
    expectAdmitted(deleted);
  });

  test.each(['kube-system', 'daytwo-system'])('%s is never refused', async (name) => {
    await controlPlane.kubectl(['create', 'namespace', name]);
    expectAdmitted(await applyAsAdmin(manifest(deployment(name, 'bare', {}, [unbounded]))));
    await must(controlPlane, ['-n', name, 'delete', 'deployment', 'bare']);
  });
});

describe('nobody gets past', () => {
  test('a Pod with the ownerReference of a real ReplicaSet is judged', async () => {
    await apply(manifest(deployment('shop', 'owner')));
    const uid = await vi.waitFor(async () => {
      const sets = JSON.parse(
        await must(controlPlane, ['-n', 'shop', 'get', 'replicasets', '-l', 'app=owner', '-o', 'json']),
      ) as { items: { metadata: { name: string; uid: string } }[] };
      expect(sets.items).toHaveLength(1);
      const { name = '', uid: id = '' } = sets.items[0]?.metadata ?? {};
      return { name, uid: id };
    }, 10_000);
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', controller: true, ...uid }];
    expectRefused(
      await apply(manifest(pod('shop', 'forged', { containers: [unbounded] }, { ownerReferences }))),
      'compute/memory-limit',
    );
  });

  test.each([
    [
      'an annotation of its own',
      { annotations: { 'daytwo.dev/exempt': 'compute/memory-limit', 'daytwo.dev/exempt-reason': 'please' } },
    ],
    ['a lower tier of its own', { labels: { 'daytwo.dev/tier': 'sandbox' } }],
  ])('a Deployment with %s is judged', async (_case, metadata) => {
    const own = deployment('shop', 'sly', {}, [unbounded]) as { metadata: object };
    expectRefused(
      await apply(manifest({ ...own, metadata: { ...own.metadata, ...metadata } })),
      'compute/memory-limit',
    );
  });

  test('a resize of a running Pod is judged: it warns', async () => {
    const both = { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '100m', memory: '64Mi' } };
    expectAdmitted(
      await apply(manifest(pod('shop', 'resized', { containers: [container('app', { resources: both })] }))),
    );
    const zero = JSON.stringify({ spec: { containers: [{ name: 'app', resources: { requests: { cpu: '0' } } }] } });
    const result = await controlPlane.kubectl([
      '-n',
      'shop',
      'patch',
      'pod',
      'resized',
      '--subresource=resize',
      '-p',
      zero,
    ]);
    expectAdmitted(result, 'Warning: compute/resource-requests');
  });
});

describe('the caBundle', () => {
  test('is put back when the webhook configurations are made again without it', async () => {
    const configurations = ['validatingwebhookconfiguration,mutatingwebhookconfiguration', 'daytwo'];
    const asked = (): number => webhook.logs().filter((line) => line.includes('is-it-asked')).length;
    await must(controlPlane, ['delete', ...configurations]);
    await must(controlPlane, ['apply', '-f', '-'], await webhookConfigurations({ policy: firstEight, port }));
    const before = asked();
    await vi.waitFor(async () => {
      await controlPlane.kubectl(['create', 'configmap', 'is-it-asked', '--dry-run=server', '-n', 'default']);
      expect(asked()).toBeGreaterThan(before);
    }, 45_000);
  });
});

describe('what is written down', () => {
  test('one line a decision, with who, what and why; and no secret in logs or metrics', async () => {
    interface Line {
      readonly object?: { readonly name: string };
      readonly decision?: string;
    }
    const line = webhook
      .logs()
      .map((text) => JSON.parse(text) as Line)
      .find(({ object, decision }) => object?.name === 'leaky' && decision === 'denied');
    expect(line).toMatchObject({
      uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      operation: 'CREATE',
      object: { kind: 'apps/Deployment', namespace: 'team' },
      user: 'jane',
      checks: { 'identity/static-cloud-credentials': 'fail' },
      durationMs: expect.any(Number),
    });
    const written = webhook.logs().join('\n') + (await webhook.metrics());
    const secretKey = credential('aws-secret-key');
    for (let i = 0; i + 8 <= secretKey.length; i += 4) expect(written).not.toContain(secretKey.slice(i, i + 8));
  });
});

describe('under strict', () => {
  beforeAll(async () => {
    await webhook.stop();
    webhook = await startWebhook(controlPlane, { policy: 'strict', port });
  });

  test('a Secret with a key is refused, and no part of the key appears anywhere', async () => {
    const key = credential('aws-secret-key');
    const object = secret('shop', 'aws', {
      AWS_ACCESS_KEY_ID: credential('aws-access-key-id'),
      AWS_SECRET_ACCESS_KEY: key,
    });
    const result = await apply(manifest(object));
    expectRefused(result, 'identity/static-credentials-in-secret');
    const encoded = Buffer.from(key).toString('base64');
    const written = result.stdout + result.stderr + webhook.logs().join('\n') + (await webhook.metrics());
    for (const material of [key, encoded]) {
      for (let i = 0; i + 8 <= material.length; i += 4) expect(written).not.toContain(material.slice(i, i + 8));
    }
  });

  test('an ordinary Secret is admitted', async () => {
    expectAdmitted(
      await apply(manifest(secret('shop', 'db', { username: 'shop', password: 'correct horse battery staple' }))),
    );
  });
});

describe('a webhook that is not there', () => {
  beforeAll(async () => {
    await webhook.stop();
  });

  test('lets everything in under failurePolicy Ignore', async () => {
    expectAdmitted(await apply(manifest(deployment('shop', 'while-away', {}, [unbounded]))));
  });

  test('stops everything it guards under Fail, but not kube-system, deletion or scaling', async () => {
    await must(controlPlane, [
      'patch',
      'validatingwebhookconfiguration',
      'daytwo',
      '--type=json',
      '-p',
      JSON.stringify([{ op: 'replace', path: '/webhooks/0/failurePolicy', value: 'Fail' }]),
    ]);
    await vi.waitFor(async () => {
      const { code, stderr } = await apply(manifest(deployment('shop', 'while-away-2')), '--dry-run=server');
      expect(stderr).toContain('failed calling webhook');
      expect(code).not.toBe(0);
    }, 10_000);
    expectAdmitted(
      await applyAsAdmin(manifest(deployment('kube-system', 'bare', {}, [unbounded])), '--dry-run=server'),
    );
    expectAdmitted(
      await controlPlane.kubectl(['-n', 'shop', 'scale', 'deployment', 'while-away', '--replicas=2'], { as: 'jane' }),
    );
    expectAdmitted(await controlPlane.kubectl(['-n', 'shop', 'delete', 'deployment', 'while-away'], { as: 'jane' }));
  });
});
