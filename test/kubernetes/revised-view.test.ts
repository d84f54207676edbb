import { expect, test } from 'vitest';
import { revisedView, viewWith, viewWithout } from '../../src/kubernetes/revised-view.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { ObjectIndex } from '../../src/kubernetes/object-index.ts';

const kind = 'core/Service';

function service(name: string, type = 'ClusterIP'): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'shop' }, spec: { type } };
}

const held = new ObjectIndex('all');
for (const name of ['a', 'b']) held.put(service(name));

test('one object that was looked up replaces the one that is held, and the others stay', () => {
  const newer = service('b', 'NodePort');
  const view = revisedView(held, [{ kind, namespace: 'shop', name: 'b', objects: [newer] }]);
  expect(view.get(kind, 'shop', 'b')).toBe(newer);
  expect([...view.list(kind, 'shop')].map(({ metadata, spec }) => [metadata.name, spec])).toEqual([
    ['a', { type: 'ClusterIP' }],
    ['b', { type: 'NodePort' }],
  ]);
});

test('one that was looked up and is gone is in neither answer', () => {
  const view = revisedView(held, [{ kind, namespace: 'shop', name: 'a', objects: [] }]);
  expect(view.get(kind, 'shop', 'a')).toBeUndefined();
  expect([...view.list(kind, 'shop')].map(({ metadata }) => metadata.name)).toEqual(['b']);
});

test('all of a kind that was looked up is all there is', () => {
  const view = revisedView(held, [{ kind, namespace: 'shop', objects: [service('c')] }]);
  expect([...view.list(kind, 'shop')].map(({ metadata }) => metadata.name)).toEqual(['c']);
  expect(view.get(kind, 'shop', 'a')).toBeUndefined();
});

test('a walk over all namespaces meets the new object once, and the others', () => {
  const elsewhere = { ...service('b'), metadata: { name: 'b', namespace: 'other' } };
  const wide = new ObjectIndex('all');
  for (const object of [service('a'), service('b'), elsewhere]) wide.put(object);
  const newer = service('b', 'NodePort');
  const met = [...viewWith(wide, newer, 'shop').all(kind)];
  expect(met).toHaveLength(3);
  expect(met).toContain(newer);
  expect([...viewWithout(wide, newer, 'shop').all(kind)].map(({ metadata }) => metadata)).toEqual([
    { name: 'a', namespace: 'shop' },
    { name: 'b', namespace: 'other' },
  ]);
});

test('an object that has no name yet stands beside the others', () => {
  const unnamed = { ...service(''), metadata: { generateName: 'web-', namespace: 'shop' } };
  expect([...viewWith(held, unnamed, 'shop').list(kind, 'shop')]).toHaveLength(3);
});
