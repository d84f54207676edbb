import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts';
import { credential } from '../fixtures/credentials.ts';
import { type Api, apiOf, pathOf, type Reply } from './api.ts';
import { bypassPolicy, must, type RunningWebhook, startWebhook, untilAsked } from './guardrail.ts';
import { type SlowWatch, startSlowWatch } from './slow-watch.ts';
import {
  configMap,
  container,
  defaultDeny,
  deployment,
  disruptionBudget,
  manifest,
  namespace,
  pod,
  secret,
} from './objects.ts';

/**
 * What a developer with the rights of `edit` in her namespaces tries, and how it ends. docs/security.md has the same list
 * (test/docs/security.test.ts holds them together).
 */

const port = 18_521;
let controlPlane: ControlPlane;
let webhook: RunningWebhook;
let jane: Api;
let admin: Api;

/** Of them jane may edit everything: production, no tier, production with violators older than daytwo, and production without a policy. */
const spaces = ['shop', 'team', 'legacy', 'open'];

beforeAll(async () => {
  controlPlane = await startControlPlane({ controllerManager: true, users: [{ name: 'jane' }] });
  jane = apiOf(controlPlane, 'jane');
  admin = apiOf(controlPlane, 'admin');
  await must(controlPlane, [
    'apply',
    '-f',
    'manifests/install/05-crds.yaml',
    '-f',
    'manifests/install/21-exemption-roles.yaml',
  ]);
  const others = [
    ...['shop', 'legacy', 'open'].map((name) => namespace(name, 'production')),
    namespace('team'),
    defaultDeny('shop'),
    defaultDeny('legacy'),
  ];
  await must(controlPlane, ['apply', '-f', '-'], manifest(...others, namespace('elsewhere', 'production'), debugging));
  for (const space of spaces) {
    const bind = (role: string): readonly string[] => ['-n', space, 'create', 'rolebinding', role, '--user=jane'];
    await must(controlPlane, [...bind('edit'), '--clusterrole=edit']);
    await must(controlPlane, [...bind('debugging'), '--clusterrole=debugging']);
  }
  const forDeployer = ['-n', 'shop', 'create', 'rolebinding', 'deployer', '--serviceaccount=shop:deployer'];
  await must(controlPlane, [...forDeployer, '--clusterrole=edit']);
  for (const object of [
    deployment('legacy', 'old', { replicas: 0 }, [unbounded]),
    deployment('legacy', 'leaky', { replicas: 0 }, [container('app', { env: pair })]),
    deployment('legacy', 'renamed', { replicas: 0 }, [unbounded]),
  ])
    await created(admin, object);
  webhook = await startWebhook(controlPlane, { policy: bypassPolicy, port, failurePolicy: 'Fail' });
  await untilAsked(controlPlane, webhook);
});

afterAll(async () => {
  await jane?.close();
  await admin?.close();
  await webhook?.stop();
  await controlPlane?.stop();
});

/** `edit` leaves out what a debugger needs; where developers have it, it is one way more. */
const debugging = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: 'debugging' },
  rules: [{ apiGroups: [''], resources: ['pods/ephemeralcontainers', 'pods/resize'], verbs: ['patch', 'update'] }],
};

const limits = 'refused by compute/memory-limit';
const requests = 'refused by compute/resource-requests';
const key = 'refused by identity/static-cloud-credentials';
const keyInSecret = 'refused by identity/static-credentials-in-secret';
const closed = 'refused by network/default-deny';
const sanity = 'refused by compute/resource-sanity';
const rbac = 'refused by RBAC';
const server = 'refused by the API server';
const admitted = 'admitted';

/** One row of the table: what is tried, how it ends, and the trying. Of several answers the last one counts. */
function attempt(title: string, ending: string, act: () => Promise<Reply>): void {
  test(title, async () => {
    const { status, message, warnings } = await act();
    const said = `${status} ${message}\n${warnings.join('\n')}`;
    const [, verb = '', by = ''] = /^(refused|warned) by (.*)$/.exec(ending) ?? ['', ending];
    if (by === 'RBAC') expect(said).toMatch(/^403 .*is forbidden: User "[^"]+" cannot /s);
    else if (by === 'the API server') {
      expect(status, said).toBeGreaterThanOrEqual(400);
      expect(said).not.toContain('admission webhook');
    } else if (verb === 'refused') {
      expect(said).toContain('admission webhook "validate.daytwo.dev" denied the request');
      expect(said).toContain(by);
    } else if (verb === 'warned') {
      expect(status, said).toBeLessThan(300);
      expect(warnings.join('\n')).toContain(by);
    } else {
      expect(status, said).toBeLessThan(300);
    }
    for (const part of secretParts) expect(said).not.toContain(part);
  });
}

const unbounded = container('app', { resources: {} });
const keyId = credential('aws-access-key-id');
const secretKey = credential('aws-secret-key');
const pair = [
  { name: 'AWS_ACCESS_KEY_ID', value: keyId },
  { name: 'AWS_SECRET_ACCESS_KEY', value: secretKey },
];
const profile = credential('aws-profile');
const secretParts = [0, 8, 16, 24, 32].map((start) => secretKey.slice(start, start + 8));
const bad = (name: string, spec: object = {}): object => deployment('shop', name, spec, [unbounded]);
const good = (name: string, spec: object = {}): object => deployment('shop', name, { replicas: 0, ...spec });

function large(name: string): object {
  const env = Array.from({ length: 29 }, (_, i) => ({ name: `V${i}`, value: 'x'.repeat(100 * 1024) }));
  return deployment('shop', name, {}, [container('app', { resources: {}, env })]);
}

function renamed(object: object, tweak: object): object {
  const { metadata } = object as { metadata: object };
  return { ...object, metadata: { ...metadata, ...tweak } };
}

const randomUid = '6f0c1f0e-7a51-4a3e-9d0a-1d7cbd2f8a11';

function owner(apiVersion: string, kind: string, name: string, uid: string): object {
  return { apiVersion, kind, name, uid, controller: true };
}

/** An account that deploys, as many namespaces have one. `edit` lets jane act as it. */
const deployer = 'system:serviceaccount:shop:deployer';

async function as(user: string, act: (api: Api) => Promise<Reply>, real = 'jane'): Promise<Reply> {
  const api = apiOf(controlPlane, real, user);
  const reply = await act(api);
  await api.close();
  return reply;
}

function templated(name: string, podSpec: object): object {
  return deployment('shop', name, {
    template: { metadata: { labels: { app: name } }, spec: { containers: [container()], ...podSpec } },
  });
}

const own = 'daytwo.dev/v1alpha1';

function exemption(inNamespace: string, name: string, tweak: object = {}): object {
  const spec = {
    checks: ['compute/memory-limit', 'compute/resource-requests'],
    target: { kind: 'apps/Deployment', name },
    reason: 'a test',
    owner: 'tests',
    until: new Date(Date.now() + 86_400_000).toISOString().slice(0, 10),
    ...tweak,
  };
  return { apiVersion: own, kind: 'ReadinessExemption', metadata: { name, namespace: inNamespace }, spec };
}

function operated(name: string): object {
  const ownerReferences = [owner('example.com/v1', 'Database', 'db', randomUid)];
  return pod('shop', name, { containers: [unbounded] }, { ownerReferences });
}

const merge = { 'content-type': 'application/merge-patch+json' };

async function created(api: Api, object: object): Promise<Reply> {
  const reply = await api.create(object);
  expect(reply.status, reply.message).toBe(201);
  return reply;
}

async function patch(object: object, type: 'json' | 'merge' | 'strategic-merge', body: unknown): Promise<Reply> {
  return await jane.send('PATCH', pathOf(object), body, { 'content-type': `application/${type}-patch+json` });
}

/** A good one that is there already. */
async function standing(name: string, spec: object = {}): Promise<object> {
  const object = good(name, spec);
  await created(jane, object);
  return object;
}

describe('what carries pods', () => {
  attempt('a bare Pod', limits, async () => await jane.create(pod('shop', 'bare', { containers: [unbounded] })));
  attempt('a bare ReplicaSet', limits, async () => await jane.create({ ...bad('bare'), kind: 'ReplicaSet' }));
  attempt('a bare ReplicationController', limits, async () => {
    const spec = { selector: { app: 'bare' }, template: podTemplate('bare') };
    return await jane.create({ ...bad('bare'), apiVersion: 'v1', kind: 'ReplicationController', spec });
  });
  attempt('a StatefulSet', limits, async () => {
    return await jane.create({ ...bad('bare', { serviceName: 'bare' }), kind: 'StatefulSet' });
  });
  attempt('a DaemonSet', limits, async () => {
    const spec = { selector: { matchLabels: { app: 'bare' } }, template: podTemplate('bare') };
    return await jane.create({ ...bad('bare'), kind: 'DaemonSet', spec });
  });
  attempt('a Job', limits, async () => await jane.create(job('bare')));
  attempt('a Job within a CronJob', limits, async () => {
    const spec = { schedule: '* * * * *', jobTemplate: { spec: { template: jobTemplate } } };
    const metadata = { name: 'bare', namespace: 'shop' };
    return await jane.create({ apiVersion: 'batch/v1', kind: 'CronJob', metadata, spec });
  });
  attempt('a native sidecar', limits, async () => {
    const sidecar = container('side', { restartPolicy: 'Always', resources: {} });
    return await jane.create(templated('sidecar', { initContainers: [sidecar] }));
  });
  attempt('a Deployment of no replicas, to be scaled later', limits, async () => {
    return await jane.create(bad('zero', { replicas: 0 }));
  });
  attempt('a paused Deployment', limits, async () => await jane.create(bad('paused', { paused: true })));

  const jobTemplate = { spec: { restartPolicy: 'Never', containers: [unbounded] } };
  const podTemplate = (name: string): object => ({
    metadata: { labels: { app: name } },
    spec: { containers: [unbounded] },
  });

  function job(name: string): object {
    return {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name, namespace: 'shop' },
      spec: { template: jobTemplate },
    };
  }
});

describe('as somebody else', () => {
  attempt('a Pod that names an existing ReplicaSet as its owner', limits, async () => {
    const { uid } = await replicaSetOf('owner');
    const ownerReferences = [owner('apps/v1', 'ReplicaSet', 'owner', uid)];
    return await jane.create(pod('shop', 'forged', { containers: [unbounded] }, { ownerReferences }));
  });
  attempt('a Job that names a CronJob as its owner', limits, async () => {
    const ownerReferences = [owner('batch/v1', 'CronJob', 'nightly', randomUid)];
    const spec = { template: { spec: { restartPolicy: 'Never', containers: [unbounded] } } };
    const metadata = { name: 'nightly-1', namespace: 'shop', ownerReferences };
    return await jane.create({ apiVersion: 'batch/v1', kind: 'Job', metadata, spec });
  });
  attempt('a Pod that names a kind nobody knows as its owner', limits, async () => {
    const ownerReferences = [owner('example.com/v1', 'Database', 'db', randomUid)];
    return await jane.create(pod('shop', 'operated', { containers: [unbounded] }, { ownerReferences }));
  });
  attempt('an edit of the ReplicaSet that a Deployment made', limits, async () => {
    const { name } = await replicaSetOf('edited');
    const set = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name, namespace: 'shop' } };
    return await patch(set, 'json', [{ op: 'remove', path: '/spec/template/spec/containers/0/resources' }]);
  });
  attempt('the mark of a mirror Pod', server, async () => {
    const annotations = { 'kubernetes.io/config.mirror': 'x', 'kubernetes.io/config.source': 'file' };
    return await jane.create(pod('shop', 'mirror', { containers: [unbounded] }, { annotations }));
  });
  attempt('the name of a controller, by impersonation', rbac, async () => {
    return await as('system:serviceaccount:kube-system:replicaset-controller', async (api) => {
      return await api.create(pod('shop', 'impersonated', { containers: [unbounded] }));
    });
  });
  attempt('the name of a node, by impersonation', rbac, async () => {
    return await as('system:node:a', async (api) => await api.create(bad('by-a-node')));
  });
  attempt('a service account of her namespace, by impersonation, and a forged owner', limits, async () => {
    return await as(deployer, async (api) => {
      const ownerReferences = [owner('apps/v1', 'ReplicaSet', 'owner', randomUid)];
      return await api.create(pod('shop', 'impersonated', { containers: [unbounded] }, { ownerReferences }));
    });
  });
  attempt(
    'a namespace that is not hers',
    rbac,
    async () => await jane.create(deployment('elsewhere', 'x', {}, [unbounded])),
  );
  attempt('a system namespace', rbac, async () => await jane.create(deployment('kube-system', 'x', {}, [unbounded])));

  async function replicaSetOf(name: string): Promise<{ readonly name: string; readonly uid: string }> {
    await standing(name);
    return await vi.waitFor(async () => {
      const path = `/apis/apps/v1/namespaces/shop/replicasets?labelSelector=app%3D${name}`;
      const { items } = (await jane.send('GET', path)).body as {
        items: { metadata: { name: string; uid: string } }[];
      };
      expect(items).toHaveLength(1);
      return items[0]?.metadata ?? { name: '', uid: '' };
    }, 20_000);
  }
});

describe('other verbs and ways', () => {
  attempt('a JSON patch', limits, async () => {
    const object = await standing('json-patch');
    return await patch(object, 'json', [{ op: 'remove', path: '/spec/template/spec/containers/0/resources' }]);
  });
  attempt('a merge patch', limits, async () => {
    const object = await standing('merge-patch');
    return await patch(object, 'merge', { spec: { template: { spec: { containers: [unbounded] } } } });
  });
  attempt('a strategic merge patch', limits, async () => {
    const object = await standing('strategic-patch');
    const containers = [{ name: 'app', resources: { $patch: 'replace' } }];
    return await patch(object, 'strategic-merge', { spec: { template: { spec: { containers } } } });
  });
  attempt('server-side apply', limits, async () => await jane.apply(bad('applied')));
  attempt('server-side apply of less than before', limits, async () => {
    const object = good('less');
    await jane.apply(object);
    return await jane.apply(bad('less', { replicas: 0 }));
  });
  attempt('a PUT', limits, async () => {
    const object = await standing('put');
    return await jane.send('PUT', pathOf(object), bad('put'));
  });
  attempt('kubectl replace --force', limits, async () => {
    await standing('forced');
    return await kubectl(['replace', '--force', '-f', '-'], manifest(bad('forced')));
  });
  attempt('kubectl set resources to nothing', requests, async () => {
    await standing('set');
    return await kubectl(['-n', 'shop', 'set', 'resources', 'deployment', 'set', '--requests=cpu=0,memory=0']);
  });
  attempt('kubectl run with a key', key, async () => {
    const env = pair.map(({ name, value }) => `--env=${name}=${value}`);
    return await kubectl(['-n', 'shop', 'run', 'bare', '--image=busybox:1', ...env]);
  });
  attempt('kubectl debug --copy-to', limits, async () => {
    await created(jane, pod('shop', 'copied'));
    return await kubectl(['-n', 'shop', 'debug', 'copied', '--copy-to=copy', '--image=busybox:1', '-c', 'more']);
  });
  attempt('a generated name', limits, async () => {
    const metadata = { name: undefined, generateName: 'x-', namespace: 'shop' };
    return await jane.create({ ...pod('shop', '', { containers: [unbounded] }), metadata });
  });
  attempt('a dry run first', limits, async () => {
    const dry = await jane.create(bad('rehearsed'), 'dryRun=All');
    expect(dry.message).toContain('compute/memory-limit');
    return await jane.create(bad('rehearsed'));
  });
  attempt('the status subresource', rbac, async () => {
    const object = await standing('by-status');
    return await jane.send('PUT', `${pathOf(object)}/status`, bad('by-status'));
  });
  attempt('fieldValidation=Ignore', limits, async () => {
    return await jane.create({ ...bad('ignored'), surprise: {} }, 'fieldValidation=Ignore');
  });
  attempt('a field that is written twice', requests, async () => {
    const text = JSON.stringify(good('twice')).replace(
      '"resources":',
      '"resources":{"limits":{"memory":"1Mi"}},"resources":',
    );
    const twice = text.replace(/("resources":)\{"requests".*?\}\}/, '$1{}');
    return await jane.send('POST', '/apis/apps/v1/namespaces/shop/deployments?fieldValidation=Ignore', twice);
  });
  attempt('YAML instead of JSON', limits, async () => {
    const type = { 'content-type': 'application/yaml' };
    return await jane.send('POST', '/apis/apps/v1/namespaces/shop/deployments', manifest(bad('yaml')), type);
  });
  attempt('apps/v1beta1 and extensions/v1beta1', server, async () => {
    const old = { ...bad('old-version'), apiVersion: 'apps/v1beta1' };
    expect((await jane.create(old)).status).toBe(404);
    return await jane.create({ ...old, apiVersion: 'extensions/v1beta1' });
  });
  attempt('autoscaling/v1', 'refused by compute/hpa-validity', async () => {
    const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent' };
    const metadata = { name: 'agent', namespace: 'shop' };
    const spec = { scaleTargetRef, minReplicas: 1, maxReplicas: 3, targetCPUUtilizationPercentage: 70 };
    return await jane.create({ apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler', metadata, spec });
  });

  async function kubectl(args: readonly string[], input = ''): Promise<Reply> {
    const { code, stderr } = await controlPlane.kubectl(args, { as: 'jane', input });
    const warnings = stderr.split('\n').filter((line) => line.startsWith('Warning: '));
    return { status: code === 0 ? 200 : 403, message: code === 0 ? '' : stderr, warnings, body: {} };
  }
});

describe('two steps', () => {
  attempt('a bad container beside an old one that is as bad', limits, async () => {
    const extra = [
      { op: 'add', path: '/spec/template/spec/containers/-', value: container('extra', { resources: {} }) },
    ];
    return await patch(deployment('legacy', 'old'), 'json', extra);
  });
  attempt('an old bad container under a new name', limits, async () => {
    const other = [{ op: 'replace', path: '/spec/template/spec/containers/0/name', value: 'web' }];
    return await patch(deployment('legacy', 'renamed'), 'json', other);
  });
  attempt('another key in the place of an old one', key, async () => {
    const other = credential('aws-documented-secret').replace('EXAMPLE', 'q7Rw2Zp').slice(0, 40);
    return await patch(deployment('legacy', 'leaky'), 'json', [
      { op: 'replace', path: '/spec/template/spec/containers/0/env/1/value', value: other },
    ]);
  });
  attempt('limits at first, and none afterwards', limits, async () => {
    const object = await standing('afterwards');
    return await jane.send('PUT', pathOf(object), bad('afterwards', { replicas: 0 }));
  });
  attempt('content that changes while the object is being deleted', key, async () => {
    const object = renamed(configMap('shop', 'terminating', { a: 'b' }), { finalizers: ['example.com/hold'] });
    await created(jane, object);
    await jane.send('DELETE', pathOf(object));
    return await patch(object, 'merge', { data: { credentials: profile } });
  });
  attempt(
    'a budget that blocks drains while it is being deleted',
    'refused by compute/pdb-blocks-eviction',
    async () => {
      const object = renamed(disruptionBudget('shop', undefined, 'ending'), { finalizers: ['example.com/hold'] });
      await created(jane, object);
      await jane.send('DELETE', pathOf(object));
      return await patch(object, 'merge', { spec: { maxUnavailable: 0 } });
    },
  );
});

describe('marks of her own', () => {
  const marked = (name: string, metadata: object): object => renamed(bad(name), metadata);

  attempt('an annotation that exempts the object', limits, async () => {
    const annotations = { 'daytwo.dev/exempt': 'compute/memory-limit', 'daytwo.dev/exempt-reason': 'please' };
    return await jane.create(marked('annotated', { annotations }));
  });
  attempt('a label that lowers the tier of the workload', limits, async () => {
    return await jane.create(marked('lowered', { labels: { 'daytwo.dev/tier': 'sandbox', env: 'dev' } }));
  });
  attempt('the label of an operator that manages it', limits, async () => {
    return await jane.create(marked('managed', { labels: { 'app.kubernetes.io/managed-by': 'cnpg' } }));
  });
  attempt('the record of a patch that never was', limits, async () => {
    return await jane.create(marked('mutated', { annotations: { 'daytwo.dev/mutated-by': 'compute/memory-limit' } }));
  });
  attempt('a label on the namespace', rbac, async () => {
    return await patch(namespace('shop'), 'merge', { metadata: { labels: { 'daytwo.dev/tier': 'sandbox' } } });
  });
  attempt('an annotation on the namespace', rbac, async () => {
    return await patch(namespace('shop'), 'merge', { metadata: { annotations: { 'daytwo.dev/exempt': '*' } } });
  });
  attempt('a namespace of her own', rbac, async () => await jane.create(namespace('mine', 'sandbox')));
  attempt('a LimitRange of her own', rbac, async () => {
    const metadata = { name: 'mine', namespace: 'shop' };
    return await jane.create({ apiVersion: 'v1', kind: 'LimitRange', metadata, spec: { limits: [] } });
  });
  attempt('the webhook configuration', rbac, async () => {
    const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/daytwo';
    return await jane.send('DELETE', path);
  });
  attempt('the policy', rbac, async () => {
    const spec = { rules: [{ check: 'compute/memory-limit', action: 'Off' }] };
    return await jane.create({ apiVersion: own, kind: 'ReadinessPolicy', metadata: { name: 'mine' }, spec });
  });
  attempt('an exemption that she writes herself', rbac, async () => await jane.create(exemption('shop', 'self')));
  attempt('an exemption that has expired', limits, async () => {
    const until = new Date(Date.now() + 2_000).toISOString();
    await created(admin, exemption('shop', 'expired', { until }));
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(Date.parse(until)), 10_000);
    return await jane.create(bad('expired'));
  });
  attempt('an exemption of another namespace', limits, async () => {
    await created(admin, exemption('elsewhere', 'foreign'));
    return await jane.create(bad('foreign'));
  });
  attempt('an exemption of another object', limits, async () => {
    await created(admin, exemption('shop', 'somebody'));
    return await jane.create(bad('somebody-else'));
  });
  attempt('an exemption from another check', limits, async () => {
    await created(admin, exemption('shop', 'one-check', { checks: ['compute/resource-requests'] }));
    return await jane.create(bad('one-check'));
  });
});

describe('keys in disguise', () => {
  const withEnv = (name: string, env: readonly object[]): object =>
    deployment('shop', name, {}, [container('app', { env })]);

  attempt('a key under names in small letters', key, async () => {
    return await jane.create(
      withEnv(
        'small',
        pair.map(({ name, value }) => ({ name: name.toLowerCase(), value })),
      ),
    );
  });
  attempt('a key under names that say nothing', key, async () => {
    return await jane.create(
      withEnv(
        'innocent',
        pair.map(({ value }, i) => ({ name: `X${i}`, value })),
      ),
    );
  });
  attempt('a key under names with look-alike letters', key, async () => {
    // Cyrillic A and S.
    return await jane.create(
      configMap('shop', 'look-alike', { credentials: profile.replaceAll('aws', '\u0430w\u0455') }),
    );
  });
  attempt('an env name with look-alike letters', server, async () => {
    return await jane.create(
      withEnv(
        'cyrillic',
        pair.map(({ name, value }) => ({ name: name.replace('A', '\u0410'), value })),
      ),
    );
  });
  attempt('a key in the arguments', key, async () => {
    return await jane.create(
      deployment('shop', 'arguments', {}, [container('app', { args: [`--id=${keyId}`, `--secret=${secretKey}`] })]),
    );
  });
  attempt('a key in an annotation', key, async () => {
    return await jane.create(renamed(good('noted'), { annotations: { note: profile } }));
  });
  attempt('a key in an init container', key, async () => {
    return await jane.create(templated('keyed', { initContainers: [container('setup', { env: pair })] }));
  });
  attempt('a key in an ephemeral container', key, async () => {
    const victim = pod('shop', 'victim');
    await created(jane, victim);
    const body = { spec: { ephemeralContainers: [{ name: 'debug', image: 'busybox:1', env: pair }] } };
    const type = { 'content-type': 'application/strategic-merge-patch+json' };
    return await jane.send('PATCH', `${pathOf(victim)}/ephemeralcontainers`, body, type);
  });
  attempt(
    'a key in a ConfigMap',
    key,
    async () => await jane.create(configMap('shop', 'plain', { credentials: profile })),
  );
  attempt('a key in binaryData', key, async () => {
    return await jane.create(binaryMap('binary', Buffer.from(profile)));
  });
  attempt('a key in gzip in binaryData', key, async () => await jane.create(binaryMap('gzip', gzipSync(profile))));
  attempt('a key in base64 in a ConfigMap', key, async () => {
    return await jane.create(configMap('shop', 'encoded', { credentials: base64(profile) }));
  });
  attempt('a key under __proto__', key, async () => {
    const text = JSON.stringify(configMap('shop', 'proto', { placeholder: profile }));
    return await jane.send('POST', '/api/v1/namespaces/shop/configmaps', text.replace('placeholder', '__proto__'));
  });
  attempt('a key at the end of 900 KiB', key, async () => {
    return await jane.create(configMap('shop', 'padded', { log: `${'all is well\n'.repeat(75_000)}${profile}` }));
  });
  attempt('a key in stringData of a Secret', keyInSecret, async () => {
    return await jane.create(secret('shop', 'strings', { credentials: profile }));
  });
  attempt('a key in base64 in base64 in a Secret', keyInSecret, async () => {
    return await jane.create(secret('shop', 'twice', { credentials: base64(profile) }));
  });
  attempt('a key in gzip in a Secret', keyInSecret, async () => {
    const object = { ...secret('shop', 'zipped', {}), data: { credentials: gzipSync(profile).toString('base64') } };
    return await jane.create(object);
  });

  function binaryMap(name: string, value: Buffer): object {
    return { ...configMap('shop', name, {}), binaryData: { credentials: value.toString('base64') } };
  }

  function base64(text: string): string {
    return Buffer.from(text).toString('base64');
  }
});

describe('numbers, nothings and very much', () => {
  const withResources = (name: string, resources: unknown): object =>
    deployment('shop', name, {}, [container('app', { resources })]);

  attempt('requests of 0', requests, async () => {
    return await jane.create(
      withResources('none', { requests: { cpu: '0', memory: '0' }, limits: { memory: '64Mi' } }),
    );
  });
  attempt('a memory limit of 0', limits, async () => {
    return await jane.create(
      withResources('no-limit', { requests: { cpu: '50m', memory: '0' }, limits: { memory: '0' } }),
    );
  });
  attempt('a memory limit of half a byte', sanity, async () => {
    return await jane.create(
      withResources('half', { requests: { cpu: '50m', memory: '0.5' }, limits: { memory: '0.5' } }),
    );
  });
  attempt('requests and limits of 1e-9', sanity, async () => {
    const tiny = { cpu: '1e-9', memory: '1e-9' };
    return await jane.create(withResources('tiny', { requests: tiny, limits: tiny }));
  });
  attempt('requests of less than nothing', server, async () => {
    return await jane.create(withResources('negative', { requests: { cpu: '-1', memory: '-1Mi' } }));
  });
  attempt('resources: null', limits, async () => await jane.create(withResources('null', null)));
  attempt('limits: {} and requests: null', limits, async () => {
    return await jane.create(withResources('empty', { limits: {}, requests: null }));
  });
  attempt('no containers at all', server, async () => await jane.create(deployment('shop', 'hollow', {}, [])));
  attempt('containers: null', server, async () => await jane.create(templated('null-list', { containers: null })));
  attempt('a container beside initContainers: null', limits, async () => {
    return await jane.create(templated('null-init', { initContainers: null, containers: [unbounded] }));
  });
  attempt('a field in capitals', server, async () => {
    return await jane.create(templated('capitals', { containers: undefined, Containers: [unbounded] }));
  });
  attempt('maxUnavailable: 0%', 'refused by compute/pdb-blocks-eviction', async () => {
    return await jane.create(disruptionBudget('shop', { maxUnavailable: '0%' }, 'percent'));
  });
  attempt('an object of 2.9 MiB', limits, async () => await jane.create(large('large')));
  attempt('2,000 containers', limits, async () => {
    const many = Array.from({ length: 2_000 }, (_, i) => container(`c${i}`, i === 1_999 ? { resources: {} } : {}));
    return await jane.create(deployment('shop', 'many', {}, many));
  });
});

describe('into a namespace that is not closed', () => {
  attempt('a Deployment before the policy', closed, async () => await jane.create(deployment('open')));
  attempt('a bare Pod before the policy', closed, async () => await jane.create(pod('open', 'bare')));
  attempt('a Deployment that somebody else seems to own', closed, async () => {
    const { body } = await created(jane, configMap('open', 'owner', {}));
    const { uid } = (body as { metadata: { uid: string } }).metadata;
    const metadata = { name: 'owned', ownerReferences: [owner('v1', 'ConfigMap', 'owner', uid)] };
    return await jane.create(renamed(deployment('open'), metadata));
  });
  attempt('an exempting label on the workload', closed, async () => {
    return await jane.create(renamed(deployment('open'), { labels: { 'daytwo.dev/network-exempt': 'true' } }));
  });
  attempt('a policy for other pods', closed, async () => {
    const spec = { podSelector: { matchLabels: { app: 'other' } }, policyTypes: ['Ingress', 'Egress'] };
    await created(jane, renamed({ ...defaultDeny('open'), spec }, { name: 'other' }));
    return await jane.create(deployment('open'));
  });
  attempt('a policy for one direction', closed, async () => {
    const spec = { podSelector: {}, policyTypes: ['Ingress'] };
    await created(jane, renamed({ ...defaultDeny('open'), spec }, { name: 'ingress' }));
    return await jane.create(deployment('open'));
  });
});

describe('the right moment', () => {
  attempt('300 requests while the policy changes ten times', limits, async () => {
    const changing = changePolicy(10);
    const replies: Reply[] = [];
    for (let i = 0; i < 10; i += 1) {
      const batch = Array.from({ length: 30 }, async (_each, one) => await jane.create(bad(`turning-${one}`)));
      replies.push(...(await Promise.all(batch)));
      await sleep(100);
    }
    await changing;
    return admittedOne(replies);
  });

  /** All rows end alike; if one does not, it is the one to look at. */
  function admittedOne(replies: readonly Reply[]): Reply {
    return replies.find(({ status }) => status < 300) ?? (replies[0] as Reply);
  }

  async function changePolicy(times: number): Promise<void> {
    for (let i = 0; i < times; i += 1) {
      const action = { production: 'Deny', standard: i % 2 === 0 ? 'Deny' : 'Warn' };
      const spec = { rules: [{ check: 'compute/memory-limit', action }] };
      const policy = { apiVersion: own, kind: 'ReadinessPolicy', metadata: { name: 'turning' }, spec };
      const { status, message } = await admin.apply(policy);
      expect(status, message).toBeLessThan(300);
      await sleep(200);
    }
    await admin.send('DELETE', pathOf({ apiVersion: own, kind: 'ReadinessPolicy', metadata: { name: 'turning' } }));
  }
});

describe('what gets in by design', () => {
  attempt('an init container without requests', 'warned by compute/resource-requests', async () => {
    return await jane.create(templated('init', { initContainers: [container('setup', { resources: {} })] }));
  });
  attempt('a bad container in a namespace without a tier', 'warned by compute/memory-limit', async () => {
    // The policy of the row before may still be in force.
    return await vi.waitFor(async () => {
      const reply = await jane.create(deployment('team', 'untiered', { replicas: 0 }, [unbounded]));
      expect(reply.status, reply.message).toBe(201);
      return reply;
    }, 5_000);
  });
  attempt('another image for a container that was bad before', 'warned by compute/memory-limit', async () => {
    const image = { op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'registry.example/app:2.0' };
    return await patch(deployment('legacy', 'old'), 'json', [image]);
  });
  attempt('scaling what was bad before', admitted, async () => {
    return await jane.send('PATCH', `${pathOf(deployment('legacy', 'old'))}/scale`, { spec: { replicas: 1 } }, merge);
  });
  attempt('a resize of a running Pod to nothing', 'warned by compute/resource-requests', async () => {
    const resources = { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '100m', memory: '64Mi' } };
    const object = pod('shop', 'resized', { containers: [container('app', { resources })] });
    await created(jane, object);
    const body = { spec: { containers: [{ name: 'app', resources: { requests: { cpu: '0' } } }] } };
    const type = { 'content-type': 'application/strategic-merge-patch+json' };
    return await jane.send('PATCH', `${pathOf(object)}/resize`, body, type);
  });
  attempt('a Pod of a custom controller', 'warned by compute/memory-limit', async () => {
    return await as(deployer, async (api) => await api.create(operated('operated')));
  });
  attempt('a budget that blocks drains, with a reason', admitted, async () => {
    const annotations = { 'daytwo.dev/allow-drain-block': 'drained by hand, runbook 12' };
    return await jane.create(renamed(disruptionBudget('shop', { maxUnavailable: 0 }, 'etcd'), { annotations }));
  });
  attempt('an object with the label that an exemption selects', admitted, async () => {
    const target = { kind: 'apps/Deployment', selector: { matchLabels: { batch: 'old' } } };
    await created(admin, exemption('shop', 'selected', { target }));
    return await vi.waitFor(async () => {
      const reply = await jane.create(renamed(bad('joined', { replicas: 0 }), { labels: { batch: 'old' } }));
      expect(reply.status, reply.message).toBe(201);
      return reply;
    }, 5_000);
  });
  attempt('a policy that allows everything', 'warned by network/default-deny', async () => {
    const spec = { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [{}], egress: [{}] };
    await created(jane, renamed({ ...defaultDeny('open'), spec }, { name: 'everything' }));
    return await jane.create(deployment('open'));
  });
  attempt('a policy that is deleted when the workload is in', 'warned by network/default-deny', async () => {
    return await jane.send('DELETE', `${pathOf(defaultDeny('shop'))}?dryRun=All`);
  });
  attempt('a key id whose secret is elsewhere', 'warned by identity/static-cloud-credentials', async () => {
    return await jane.create(configMap('shop', 'id-only', { credentials: `aws_access_key_id = ${keyId}` }));
  });
  attempt('a key in two halves', admitted, async () => {
    const halves = { first: secretKey.slice(0, 20), second: secretKey.slice(20) };
    return await jane.create(configMap('shop', 'halves', halves));
  });
  attempt('a key that is encrypted, or packed as nobody expects', admitted, async () => {
    const binaryData = { credentials: brotliCompressSync(profile).toString('base64') };
    return await jane.create({ ...configMap('shop', 'packed', {}), binaryData });
  });
  attempt('an annotation on a Pod that runs', admitted, async () => {
    const object = pod('shop', 'annotated');
    await created(jane, object);
    return await patch(object, 'merge', { metadata: { annotations: { note: profile } } });
  });
  attempt('an object by the name that an exemption names', admitted, async () => {
    await created(admin, exemption('shop', 'exempted'));
    return await vi.waitFor(async () => {
      const reply = await jane.create(bad('exempted', { replicas: 0 }));
      expect(reply.status).toBe(201);
      return reply;
    }, 5_000);
  });
  attempt('a system namespace, by an administrator', admitted, async () => {
    return await admin.create(deployment('kube-system', 'bare', { replicas: 0 }, [unbounded]));
  });
  attempt(
    'a controller of the control plane, impersonated by whoever has edit in all namespaces',
    admitted,
    async () => {
      await must(controlPlane, [
        'create',
        'clusterrolebinding',
        'everywhere',
        '--clusterrole=edit',
        '--user=developer',
      ]);
      const act = async (api: Api): Promise<Reply> =>
        await api.create(pod('shop', 'by-a-loop', { containers: [unbounded] }));
      return await vi.waitFor(async () => {
        const reply = await as('system:serviceaccount:kube-system:replicaset-controller', act, 'developer');
        expect(reply.status, reply.message).toBe(201);
        return reply;
      }, 5_000);
    },
  );
});

describe('with enforceUnknownOwners', () => {
  beforeAll(async () => {
    const spec = { enforceUnknownOwners: true, rules: [{ check: 'compute/memory-limit', action: 'Deny' }] };
    await created(admin, { apiVersion: own, kind: 'ReadinessPolicy', metadata: { name: 'owners' }, spec });
    await vi.waitFor(() => expect(webhook.logs().join('\n')).toMatch(/these policies are in force/), 5_000);
  });

  attempt('a Pod of a custom controller, enforced', limits, async () => {
    return await vi.waitFor(async () => {
      const reply = await as(deployer, async (api) => await api.create(operated('enforced'), 'dryRun=All'));
      expect(reply.status).toBe(403);
      return reply;
    }, 5_000);
  });
});

describe('while daytwo hears late', () => {
  let slow: SlowWatch;

  beforeAll(async () => {
    await admin.send('DELETE', pathOf({ apiVersion: own, kind: 'ReadinessPolicy', metadata: { name: 'owners' } }));
    await webhook.stop();
    slow = await startSlowWatch(controlPlane, 3_000);
    webhook = await startWebhook(slow.controlPlane, { policy: bypassPolicy, port, failurePolicy: 'Fail' });
    await untilAsked(controlPlane, webhook);
  });

  afterAll(async () => {
    await webhook?.stop();
    await slow?.stop();
  });

  attempt('a workload in the same second as its production namespace', limits, async () => {
    await created(admin, namespace('newborn', 'production'));
    return await admin.create(deployment('newborn', 'early', { replicas: 0 }, [unbounded]));
  });
});
