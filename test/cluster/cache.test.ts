import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { type ClusterCache, startClusterCache } from '../../src/cluster/cache.ts';
import type { GroupKind } from '../../src/kubernetes/object.ts';
import { type WatchedKind, watchedKinds } from '../../src/kubernetes/watched-kinds.ts';
import { type ApiStub, answerJson, failure, startApiStub } from './api-stub.ts';

const stopping = { cache: undefined as ClusterCache | undefined, stub: undefined as ApiStub | undefined };
afterEach(async () => {
  await stopping.cache?.stop();
  await stopping.stub?.stop();
});

const scaledObject: GroupKind = 'keda.sh/ScaledObject';
const deploymentConfig: GroupKind = 'apps.openshift.io/DeploymentConfig';

test('a custom resource that cannot be listed is unknown, and holds nobody up for long', async () => {
  const cluster = { groups: ['keda.sh/v1alpha1'], broken: ['/apis/keda.sh/v1alpha1/scaledobjects'] };
  const { cache, warnings } = await startCache(cluster);
  await vi.waitFor(() => expect(cache.view().knows('core/Namespace')).toBe('all'));
  expect(cache.ready()).toBe(false);
  await vi.waitFor(() => expect(cache.ready()).toBe(true));
  expect(cache.view().knows(scaledObject)).toBe('none');
  expect(cache.view().knows(deploymentConfig)).toBe('all');
  expect(warnings).toEqual(['the watch is broken, trying again']);

  cluster.broken = [];
  await vi.waitFor(() => expect(cache.view().knows(scaledObject)).toBe('all'), 5_000);
});

test('a kind of Kubernetes itself that cannot be listed is waited for', async () => {
  const { cache, warnings } = await startCache({ groups: [], broken: ['/api/v1/namespaces'] });
  await vi.waitFor(() => expect(warnings).not.toEqual([]));
  await sleep(500);
  expect(cache.ready()).toBe(false);
});

test('a custom resource that comes later takes nobody’s readiness away', async () => {
  const cluster = { groups: [] as string[], broken: ['/apis/keda.sh/v1alpha1/scaledobjects'] };
  const { cache } = await startCache(cluster);
  await vi.waitFor(() => expect(cache.ready()).toBe(true));
  cluster.groups = ['keda.sh/v1alpha1'];
  await vi.waitFor(() => expect(cache.view().knows(scaledObject)).toBe('none'), 2_000);
  expect(cache.ready()).toBe(true);
});

test('an aggregated API that is down leaves its own kinds unknown, and no others', async () => {
  const cluster = {
    groups: ['keda.sh/v1alpha1', 'apps.openshift.io/v1'],
    broken: ['/apis/apps.openshift.io/v1'],
  };
  const { cache, warnings } = await startCache(cluster);
  await vi.waitFor(() => expect(cache.view().knows(scaledObject)).toBe('all'));
  expect(cache.ready()).toBe(false);
  await vi.waitFor(() => expect(cache.ready()).toBe(true));
  expect(cache.view().knows(deploymentConfig)).toBe('none');
  expect(warnings).toEqual(['cannot learn whether the cluster has this kind, trying again']);

  cluster.broken = [];
  await vi.waitFor(() => expect(cache.view().knows(deploymentConfig)).toBe('all'), 5_000);
});

test('an aggregated API that goes down later leaves its kinds as they were', async () => {
  const cluster = { groups: ['keda.sh/v1alpha1', 'apps.openshift.io/v1'], broken: [] as string[] };
  const { cache, asked, warnings } = await startCache(cluster);
  await vi.waitFor(() => expect(cache.ready()).toBe(true));
  cluster.broken = ['/apis/apps.openshift.io/v1'];
  await vi.waitFor(() => expect(warnings).not.toEqual([]), 2_000);
  expect(cache.view().knows(deploymentConfig)).toBe('all');
  expect(asked.filter((path) => path.includes('/deploymentconfigs?limit='))).toHaveLength(1);
});

/** The cluster may change as the test goes on. */
interface StubbedCluster {
  /** Custom ones that it serves, `keda.sh/v1alpha1`. */
  readonly groups: readonly string[];
  /** Paths that answer with a fault of the server. */
  readonly broken: readonly string[];
}

async function startCache(cluster: StubbedCluster) {
  const warnings: string[] = [];
  const kinds: readonly GroupKind[] = ['core/Namespace', scaledObject, deploymentConfig];
  const stub = await startApiStub((url, response) => answer(url, response, cluster));
  stopping.stub = stub;
  stopping.cache = startClusterCache({
    client: stub.client,
    kinds: kinds.map((kind) => watchedKinds.get(kind) as WatchedKind),
    log: { info: () => {}, warn: (_fields, message) => warnings.push(message) },
    rediscoverAfter: 100,
    patience: 300,
  });
  return { cache: stopping.cache, asked: stub.asked, warnings };
}

function answer(url: URL, response: ServerResponse, { groups, broken }: StubbedCluster): void {
  if (broken.includes(url.pathname))
    return answerJson(response, failure(503, 'ServiceUnavailable', 'conversion webhook failed'), 503);
  if (url.pathname === '/version') return answerJson(response, { major: '1', minor: '36' });
  if (url.pathname === '/apis')
    return answerJson(response, { groups: groups.map((groupVersion) => ({ versions: [{ groupVersion }] })) });
  if (groups.some((group) => url.pathname === `/apis/${group}`))
    return answerJson(response, { resources: [{ name: 'scaledobjects' }, { name: 'deploymentconfigs' }] });
  if (url.searchParams.has('watch')) return response.flushHeaders();
  return answerJson(response, { metadata: { resourceVersion: '1' }, items: [] });
}
