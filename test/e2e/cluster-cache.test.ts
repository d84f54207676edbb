import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type ClusterCache, type ClusterCacheOptions, startClusterCache } from '../../src/cluster/cache.ts';
import { certificateSecret } from '../../src/cluster/certificate-secret.ts';
import { type ApiClient, createClient } from '../../src/cluster/client.ts';
import { connect } from '../../src/cluster/connection.ts';
import { connectInCluster } from '../../src/cluster/in-cluster.ts';
import { injectCaBundle } from '../../src/cluster/webhook-configurations.ts';
import type { GroupKind } from '../../src/kubernetes/object.ts';
import { watchedKinds } from '../../src/kubernetes/watched-kinds.ts';
import { type FaultyProxy, startFaultyProxy } from '../cluster/faulty-proxy.ts';
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts';

let controlPlane: ControlPlane;
let client: ApiClient;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  controlPlane = await startControlPlane({ controllerManager: false });
  client = await clientOf('admin');
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});
afterAll(async () => {
  await client?.close();
  await controlPlane?.stop();
});

describe('a cache of the cluster', () => {
  test('holds what is there, trimmed, and knows the version and which kinds are absent', async () => {
    await apply(namespace('sync'), policy('sync', 'deny'), budget('sync', 'web'), deployment('sync', 'web'));
    const { cache } = await startCache({});

    const view = cache.view();
    expect(view.version).toEqual({ major: 1, minor: 36 });
    expect([...watchedKinds.keys()].filter((kind) => view.knows(kind) !== 'all')).toEqual([]);
    expect(view.knows('core/Secret')).toBe('none');
    expect(names(cache, 'policy/PodDisruptionBudget', 'sync')).toEqual(['web']);
    expect([...view.list('keda.sh/ScaledObject', 'sync')]).toEqual([]);
    const held = view.get('apps/Deployment', 'sync', 'web');
    expect(held).toMatchObject({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { labels: { app: 'web' } },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: 'web' } },
        template: { metadata: { labels: { app: 'web' } } },
      },
    });
    expect(JSON.stringify(held)).not.toMatch(/managedFields|registry\.example|conditions/);
  });

  test('reads long lists in pages', async () => {
    await apply(namespace('pages'), ...Array.from({ length: 1100 }, (_, i) => policy('pages', `policy-${i}`)));
    const { cache } = await startCache({ kinds: ['networking.k8s.io/NetworkPolicy'] });
    expect(names(cache, 'networking.k8s.io/NetworkPolicy', 'pages')).toHaveLength(1100);
  });

  test('hears of a new, a changed, a removed and a replaced object within two seconds', async () => {
    await apply(namespace('changes'));
    const changes: string[] = [];
    const { cache } = await startCache({ onChange: (kind, where, name) => changes.push(`${kind} ${where}/${name}`) });
    const held = () => cache.view().get('policy/PodDisruptionBudget', 'changes', 'web');
    changes.length = 0;

    await apply(budget('changes', 'web'));
    await soon(() => expect(held()).toMatchObject({ spec: { minAvailable: 1 } }));
    await apply(budget('changes', 'web', 2));
    await soon(() => expect(held()).toMatchObject({ spec: { minAvailable: 2 } }));
    const { uid } = held()?.metadata ?? {};
    await kubectl(['delete', 'pdb', 'web', '-n', 'changes']);
    await apply(budget('changes', 'web'));
    await soon(() => expect(held()?.metadata.uid).not.toBe(uid));
    await kubectl(['delete', 'pdb', 'web', '-n', 'changes']);
    await soon(() => expect(held()).toBeUndefined());
    expect(changes).toEqual(Array.from({ length: 5 }, () => 'policy/PodDisruptionBudget changes/web'));
  });

  test('misses nothing when the API server is killed amid writes', async () => {
    await apply(namespace('killed'));
    const { cache } = await startCache({});
    const writing = apply(...Array.from({ length: 300 }, (_, i) => policy('killed', `before-${i}`))).catch(() => {});
    await soon(() => expect(names(cache, 'networking.k8s.io/NetworkPolicy', 'killed').length).toBeGreaterThan(20));
    await controlPlane.killApiServer();
    await writing;
    await controlPlane.startApiServer();
    await kubectl(['delete', 'networkpolicy', 'before-1', '-n', 'killed']);
    await apply(policy('killed', 'before-2', { app: 'changed' }), policy('killed', 'after'));

    await vi.waitFor(() => expectEqual(cache, 'networking.k8s.io/NetworkPolicy', 'networkpolicies'), within(20_000));
    await expectEqual(cache, 'core/Namespace', 'namespaces');
  });

  test('notices a connection that went silent, and lists again what the server has forgotten', async () => {
    await apply(namespace('silent'), policy('silent', 'kept'), policy('silent', 'removed'));
    const { cache, proxy, log } = await startCache({ behindProxy: true, idleTimeout: 2_000 });
    proxy?.swallow(true);
    await kubectl(['delete', 'networkpolicy', 'removed', '-n', 'silent']);
    await apply(policy('silent', 'kept', { app: 'changed' }), policy('silent', 'added'));
    // A new API server has no memory of the events before its time, so the watch cannot go on where it was.
    await controlPlane.killApiServer();
    await controlPlane.startApiServer();
    await apply(policy('silent', 'added-later'));
    proxy?.reset();
    proxy?.swallow(false);

    await vi.waitFor(() => expectEqual(cache, 'networking.k8s.io/NetworkPolicy', 'networkpolicies'), within(30_000));
    expect(names(cache, 'networking.k8s.io/NetworkPolicy', 'silent')).toEqual(['added', 'added-later', 'kept']);
    expect(log.join('\n')).toMatch(/too old resource version|Expired/);
  });

  test('stays sure of what it knows while nothing happens', async () => {
    const { cache, log } = await startCache({ idleTimeout: 1_000, rediscoverAfter: 1_000, staleAfter: 3_000 });
    const unsure = () => [...watchedKinds.keys()].filter((kind) => cache.view().knows(kind) !== 'all');
    for (const end = performance.now() + 8_000; performance.now() < end; await sleep(100)) expect(unsure()).toEqual([]);
    expect(log).toEqual([]);
  });

  test('admits that it knows nothing while the cluster is silent', async () => {
    const { cache, proxy } = await startCache({ behindProxy: true, idleTimeout: 1_000, staleAfter: 3_000 });
    proxy?.swallow(true);
    await vi.waitFor(() => expect(cache.view().knows('core/Namespace')).toBe('none'), within(5_000));
    expect(cache.ages().get('core/Namespace')).toBeGreaterThan(3_000);
    expect(cache.ready()).toBe(true);

    proxy?.swallow(false);
    await vi.waitFor(() => expect(cache.view().knows('core/Namespace')).toBe('all'), within(20_000));
  });

  test('follows a custom resource that is installed and removed later', async () => {
    await apply(namespace('custom'));
    const { cache } = await startCache({ rediscoverAfter: 500 });
    expect(cache.view().knows('keda.sh/ScaledObject')).toBe('all');

    await apply(scaledObjectDefinition);
    await kubectl(['wait', '--for=condition=Established', 'crd/scaledobjects.keda.sh', '--timeout=20s']);
    await vi.waitFor(() => apply(scaledObject('custom', 'web')), within(10_000));
    await vi.waitFor(() => expect(names(cache, 'keda.sh/ScaledObject', 'custom')).toEqual(['web']), within(5_000));
    expect(cache.view().knows('keda.sh/ScaledObject')).toBe('all');

    await kubectl(['delete', 'crd', 'scaledobjects.keda.sh']);
    await vi.waitFor(() => expect(names(cache, 'keda.sh/ScaledObject', 'custom')).toEqual([]), within(10_000));
    await vi.waitFor(() => expect(cache.view().knows('keda.sh/ScaledObject')).toBe('all'), within(10_000));
  });

  test('does without a kind that RBAC refuses, says so once, and takes it up when it is granted', async () => {
    await kubectl([
      'create',
      'clusterrole',
      'some',
      '--verb=get,list,watch',
      '--resource=namespaces,poddisruptionbudgets',
    ]);
    await kubectl(['create', 'clusterrolebinding', 'some', '--clusterrole=some', '--user=developer']);
    const { cache, log } = await startCache({ user: 'developer', kinds: ['core/Namespace', 'core/Node'] });
    expect(cache.view().knows('core/Namespace')).toBe('all');
    expect(cache.view().knows('core/Node')).toBe('none');
    expect(log.filter((line) => line.includes('cannot list resource "nodes"'))).toHaveLength(1);

    await kubectl(['create', 'clusterrole', 'more', '--verb=get,list,watch', '--resource=nodes']);
    await kubectl(['create', 'clusterrolebinding', 'more', '--clusterrole=more', '--user=developer']);
    await vi.waitFor(() => expect(cache.view().knows('core/Node')).toBe('all'), within(20_000));
  });
});

test('a pod reaches the API server by its ServiceAccount', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'daytwo-service-account-'));
  await copyFile(controlPlane.caFile, join(folder, 'ca.crt'));
  await writeFile(join(folder, 'namespace'), 'shop');
  await writeFile(join(folder, 'token'), controlPlane.token('admin'));
  const { hostname, port } = new URL(controlPlane.server);
  const env = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
  const inCluster = createClient(connectInCluster(env, folder));
  expect(await inCluster.request({ path: '/version' })).toMatchObject({ major: '1', minor: '36' });
  await inCluster.close();
  await rm(folder, { recursive: true });
});

describe('certificates in a Secret', () => {
  const first = { caBundle: 'authority', caKey: 'authority key', certificate: 'leaf', key: 'leaf key' };

  test('of two writers one wins, and the other reads what was written', async () => {
    await apply(namespace('certificates'));
    const [a, b] = [certificateSecret(client, 'certificates', 'tls'), certificateSecret(client, 'certificates', 'tls')];
    expect(await a.read()).toBeUndefined();
    expect(await b.read()).toBeUndefined();
    expect(await Promise.all([a.write(first, undefined), b.write(first, undefined)])).toSatisfy(oneWon);

    const [seenByA, seenByB] = [await a.read(), await b.read()];
    expect(seenByA).toEqual(first);
    expect(
      await Promise.all([
        a.write({ ...first, certificate: 'renewed by a' }, seenByA),
        b.write({ ...first, certificate: 'renewed by b' }, seenByB),
      ]),
    ).toSatisfy(oneWon);
    expect((await b.read())?.certificate).toMatch(/renewed by [ab]/);
    expect(await kubectl(['get', 'secret', 'tls', '-n', 'certificates', '-o', 'jsonpath={.type}'])).toBe(
      'kubernetes.io/tls',
    );
  });

  test('an empty Secret that the installation prepared is filled and keeps its labels', async () => {
    const data = { 'tls.crt': '', 'tls.key': '' };
    const metadata = { name: 'prepared', namespace: 'certificates', labels: { app: 'daytwo' } };
    await apply({ apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata, data });
    const store = certificateSecret(client, 'certificates', 'prepared');
    expect(await store.read()).toBeUndefined();
    expect(await store.write(first, undefined)).toBe(true);
    expect(await store.read()).toEqual(first);
    expect(
      await kubectl(['get', 'secret', 'prepared', '-n', 'certificates', '-o', 'jsonpath={.metadata.labels.app}']),
    ).toBe('daytwo');
  });
});

describe('the caBundle of the webhook configurations', () => {
  const configurations = { validating: 'daytwo', mutating: 'daytwo' };

  test('says that a configuration is missing', async () => {
    const log = listen();
    expect(await injectCaBundle(client, configurations, certificate, log)).toBe(false);
  });

  test('is written into every webhook, and only when it differs', async () => {
    await apply(
      webhookConfiguration('ValidatingWebhookConfiguration'),
      webhookConfiguration('MutatingWebhookConfiguration'),
    );
    expect(await injectCaBundle(client, configurations, certificate, listen())).toBe(true);
    const path = '-o=jsonpath={.webhooks[*].clientConfig.caBundle}';
    const encoded = Buffer.from(certificate).toString('base64');
    expect(await kubectl(['get', 'validatingwebhookconfiguration', 'daytwo', path])).toBe(`${encoded} ${encoded}`);
    expect(await kubectl(['get', 'mutatingwebhookconfiguration', 'daytwo', path])).toBe(`${encoded} ${encoded}`);

    const version = () =>
      kubectl(['get', 'mutatingwebhookconfiguration', 'daytwo', '-o=jsonpath={.metadata.resourceVersion}']);
    const before = await version();
    expect(await injectCaBundle(client, configurations, certificate, listen())).toBe(true);
    expect(await version()).toBe(before);
  });

  test('survives an edit between its read and its write', async () => {
    await apply(
      webhookConfiguration('ValidatingWebhookConfiguration'),
      webhookConfiguration('MutatingWebhookConfiguration'),
    );
    let edits = 0;
    const edited: ApiClient = {
      ...client,
      async request(request) {
        if (request.method === 'PATCH' && (edits += 1) === 1) await removeFirstWebhook();
        return client.request(request);
      },
    };
    expect(await injectCaBundle(edited, configurations, `${certificate}${certificate}`, listen())).toBe(true);
    expect(edits).toBeGreaterThan(2);
    const path = '-o=jsonpath={.webhooks[*].name} {.webhooks[*].clientConfig.caBundle}';
    const encoded = Buffer.from(`${certificate}${certificate}`).toString('base64');
    expect(await kubectl(['get', 'validatingwebhookconfiguration', 'daytwo', path])).toBe(`two.daytwo.dev ${encoded}`);
  });

  async function removeFirstWebhook(): Promise<void> {
    const patch = '[{"op":"remove","path":"/webhooks/0"}]';
    await kubectl(['patch', 'validatingwebhookconfiguration', 'daytwo', '--type=json', '-p', patch]);
  }
});

interface Scene
  extends Partial<Pick<ClusterCacheOptions, 'onChange' | 'idleTimeout' | 'staleAfter' | 'rediscoverAfter'>> {
  readonly user?: string;
  readonly kinds?: readonly GroupKind[];
  readonly behindProxy?: boolean;
}

/** A cache that has settled; it ends with the test. */
async function startCache({
  user = 'admin',
  kinds = [...watchedKinds.keys()],
  behindProxy = false,
  ...options
}: Scene) {
  const proxy = behindProxy ? await startFaultyProxy(controlPlane.server) : undefined;
  const log = listen();
  const own = await clientOf(user, proxy);
  const cache = startClusterCache({
    ...options,
    client: own,
    kinds: [...watchedKinds.values()].filter(({ groupKind }) => kinds.includes(groupKind)),
    log,
  });
  stops.push(async () => {
    await cache.stop();
    await own.close();
    await proxy?.stop();
  });
  await vi.waitFor(() => expect(cache.ready()).toBe(true), within(20_000));
  return { cache, proxy, log: log.lines };
}

async function clientOf(user: string, proxy?: FaultyProxy): Promise<ApiClient> {
  const connection = await connect({ kubeconfig: controlPlane.kubeconfig(user), env: {} });
  return createClient(proxy === undefined ? connection : { ...connection, server: `https://127.0.0.1:${proxy.port}` });
}

function listen() {
  const lines: string[] = [];
  const write = (fields: object, message: string) =>
    void lines.push(`${message} ${Object.values(fields).map(String).join(' ')}`);
  return { lines, info: write, warn: write };
}

function within(timeout: number) {
  return { timeout, interval: 50 };
}

async function soon(expectation: () => void): Promise<void> {
  await vi.waitFor(expectation, within(2_000));
}

function oneWon(results: unknown): boolean {
  return Array.isArray(results) && results.filter(Boolean).length === 1;
}

function names(cache: ClusterCache, kind: GroupKind, namespace?: string): readonly string[] {
  return [...cache.view().list(kind, namespace)].map(({ metadata }) => metadata.name ?? '').sort();
}

/** Nothing missing, nothing stale, nothing extra. */
async function expectEqual(cache: ClusterCache, kind: GroupKind, resource: string): Promise<void> {
  const columns = '-o=custom-columns=:metadata.namespace,:metadata.name,:metadata.resourceVersion';
  const there = (await kubectl(['get', resource, '-A', '--no-headers', columns])).trim().split('\n');
  const namespaces = [undefined, ...names(cache, 'core/Namespace')];
  const held = namespaces.flatMap((namespace) =>
    [...cache.view().list(kind, namespace)].map(({ metadata }) => metadata),
  );
  expect(
    held.map(({ namespace = '<none>', name, resourceVersion }) => `${namespace} ${name} ${resourceVersion}`).sort(),
  ).toEqual(there.map((line) => line.split(/\s+/).join(' ')).sort());
}

async function kubectl(args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await controlPlane.kubectl(args, input === undefined ? {} : { input });
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

async function apply(...items: readonly object[]): Promise<void> {
  await kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
}

function namespace(name: string, labels: Record<string, string> = {}): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

function policy(namespace: string, name: string, matchLabels: Record<string, string> = {}): object {
  const spec = { podSelector: { matchLabels }, policyTypes: ['Ingress'] };
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace }, spec };
}

function budget(namespace: string, name: string, minAvailable = 1): object {
  const spec = { minAvailable, selector: { matchLabels: { app: name } } };
  return { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name, namespace }, spec };
}

function deployment(namespace: string, name: string): object {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name, image: 'registry.example/app:1.0' }] } };
  const spec = { replicas: 2, selector: { matchLabels: labels }, template };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace, labels }, spec };
}

function scaledObject(namespace: string, name: string): object {
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name, namespace },
    spec: { minReplicaCount: 1 },
  };
}

const scaledObjectDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'scaledobjects.keda.sh' },
  spec: {
    group: 'keda.sh',
    scope: 'Namespaced',
    names: { kind: 'ScaledObject', plural: 'scaledobjects', singular: 'scaledobject' },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

/** What stands in it does not matter to the one who injects it, but the API server wants PEM. */
let certificate = '';
beforeAll(async () => {
  certificate = await readFile(controlPlane.caFile, 'utf8');
});

function webhookConfiguration(kind: string): object {
  const webhook = (name: string) => ({
    name: `${name}.daytwo.dev`,
    clientConfig: { service: { name: 'daytwo', namespace: 'daytwo-system' } },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['limitranges'], operations: ['CREATE'] }],
    sideEffects: 'None',
    failurePolicy: 'Ignore',
    admissionReviewVersions: ['v1'],
  });
  const webhooks = [webhook('one'), webhook('two')];
  return { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name: 'daytwo' }, webhooks };
}
