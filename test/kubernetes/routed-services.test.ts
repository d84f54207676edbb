import { expect, test } from 'vitest';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { ObjectIndex } from '../../src/kubernetes/object-index.ts';
import { isRouted } from '../../src/kubernetes/routed-services.ts';

const ingress = (spec: object): KubernetesObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'a', namespace: 'shop' },
  spec,
});
const httpRoute = (...backendRefs: readonly object[]): KubernetesObject => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { name: 'a', namespace: 'shop' },
  spec: { rules: [{ backendRefs }] },
});
const service = { name: 'web', port: { number: 80 } };

test.each<[string, KubernetesObject, boolean]>([
  ['a path of an Ingress', ingress({ rules: [{ http: { paths: [{ path: '/', backend: { service } }] } }] }), true],
  ['the default of an Ingress', ingress({ defaultBackend: { service } }), true],
  ['an Ingress without rules', ingress({ rules: [null] }), false],
  ['an Ingress to a bucket', ingress({ defaultBackend: { resource: { kind: 'Bucket', name: 'web' } } }), false],
  ['an HTTPRoute', httpRoute({ name: 'api' }, { name: 'web', port: 80 }), true],
  ['an HTTPRoute to another namespace', httpRoute({ name: 'web', namespace: 'other' }), false],
  ['an HTTPRoute to another kind', httpRoute({ kind: 'ServiceImport', name: 'web' }), false],
])('%s', (_title, route, expected) => {
  const view = new ObjectIndex('all');
  view.put(route);
  expect(isRouted('web', 'shop', view)).toBe(expected);
  expect(isRouted('web', 'other', view)).toBe(false);
});
