import { beforeEach, expect, test } from 'vitest';
import { indexedStore } from '../../src/cluster/indexed-store.ts';
import type { ReflectorStore } from '../../src/cluster/reflector.ts';
import type { KubernetesObject, OwnerReference } from '../../src/kubernetes/object.ts';
import { ObjectIndex } from '../../src/kubernetes/object-index.ts';
import { type WatchedKind, watchedKinds } from '../../src/kubernetes/watched-kinds.ts';

const kind = watchedKinds.get('apps/ReplicaSet') as WatchedKind;
const owner: OwnerReference = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: '1', controller: true };

let index: ObjectIndex;
let changed: string[];
let store: ReflectorStore;
beforeEach(() => {
  index = new ObjectIndex('all');
  changed = [];
  store = indexedStore(index, kind, (_kind, namespace, name) => changed.push(`${namespace}/${name}`));
});

test('a list that finds everything unchanged announces nothing', () => {
  store.put(replicaSet('a', '1'));
  changed.length = 0;
  list(replicaSet('a', '1'));
  expect(changed).toEqual([]);
  expect(names()).toEqual(['a']);
});

test('what is not kept of an object is held as new, and announced as nothing', () => {
  store.put(replicaSet('a', '1'));
  changed.length = 0;
  store.put({ ...replicaSet('a', '2'), status: { readyReplicas: 1 } });
  expect(index.get('apps/ReplicaSet', 'shop', 'a')?.metadata.resourceVersion).toBe('2');
  expect(changed).toEqual([]);
  store.put({ ...replicaSet('a', '3'), spec: { replicas: 2 } });
  expect(changed).toEqual(['shop/a']);
});

test('an object that replaces another of its name is news, however alike they are', () => {
  store.put(withUid('a', '1', 'first'));
  changed.length = 0;
  store.put(withUid('a', '2', 'second'));
  expect(changed).toEqual(['shop/a']);
});

test('a list removes and announces what it no longer holds, and only when it is complete', () => {
  store.put(replicaSet('a', '1'));
  store.put(replicaSet('b', '2'));
  changed.length = 0;
  store.beginList();
  store.put({ ...replicaSet('b', '3'), spec: { replicas: 2 } });
  expect(names()).toEqual(['a', 'b']);
  store.endList();
  expect(names()).toEqual(['b']);
  expect(changed).toEqual(['shop/b', 'shop/a']);
});

test('an object that a controller adopts is dropped, and taken up again when it is orphaned', () => {
  store.put(replicaSet('a', '1'));
  store.put(replicaSet('a', '2', [owner]));
  expect(names()).toEqual([]);
  store.put(replicaSet('a', '3'));
  expect(names()).toEqual(['a']);
});

test('the end of an object that was never held is no news', () => {
  store.remove(replicaSet('a', '2', [owner]));
  expect(changed).toEqual([]);
});

function list(...objects: readonly KubernetesObject[]): void {
  store.beginList();
  for (const object of objects) store.put(object);
  store.endList();
}

function names(): readonly string[] {
  return [...index.all('apps/ReplicaSet')].map(({ metadata }) => metadata.name ?? '').sort();
}

function withUid(name: string, resourceVersion: string, uid: string): KubernetesObject {
  const object = replicaSet(name, resourceVersion);
  return { ...object, metadata: { ...object.metadata, uid } };
}

function replicaSet(
  name: string,
  resourceVersion: string,
  ownerReferences?: readonly OwnerReference[],
): KubernetesObject {
  const metadata = { name, namespace: 'shop', resourceVersion, ...(ownerReferences && { ownerReferences }) };
  return { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata, spec: { replicas: 1 } };
}
