import { describe, expect, test } from 'vitest';
import { serviceSelector } from '../../../src/checks/network/service-selector.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { configure, deployment, find, object, subject, world } from '../compute/compute-kit.ts';

const service = (spec: object, name = 'checkout', more: object = {}) => object('v1', 'Service', name, spec, more);
const ports = [{ port: 80, targetPort: 'http' }];
const container = { name: 'app', ports: [{ name: 'http', containerPort: 8080 }] };
const serving = deployment(1, { containers: [container] });
const identities = (one: KubernetesObject, ...objects: KubernetesObject[]) =>
  find(serviceSelector, subject(one), world('all', objects)).map(({ identity }) => identity);

describe('what a Service selects', () => {
  const bare = { ...object('v1', 'Pod', 'checkout', { containers: [container] }, { labels: { app: 'checkout' } }) };
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'old', uid: '1', controller: true };
  const owned = { ...bare, metadata: { ...bare.metadata, ownerReferences: [owner] } };

  test.each<[string, object, KubernetesObject[], string[]]>([
    ['a Deployment', { selector: { app: 'checkout' }, ports }, [serving], []],
    ['a bare Pod', { selector: { app: 'checkout' }, ports }, [bare], []],
    ['the Pod of a ReplicaSet that is gone', { selector: { app: 'checkout' }, ports }, [owned], ['selector']],
    ['nothing, by an empty selector', { selector: {}, ports }, [], []],
    ['nothing, by null', { selector: null, ports }, [], []],
    ['pods by a zone that they get later', { selector: { 'topology.kubernetes.io/zone': 'a' }, ports }, [], []],
    ['a switch label alone, on nothing', { selector: { version: 'v2' }, ports }, [serving], ['selector']],
    [
      'a number that stands in quotes',
      { selector: { app: 'checkout' }, ports: [{ port: 80, targetPort: '8080' }] },
      [serving],
      ['port/8080'],
    ],
    ['no target port', { selector: { app: 'checkout' }, ports: [{ port: 80 }] }, [serving], []],
  ])('%s', (_title, spec, objects, expected) => {
    expect(identities(service(spec), ...objects)).toEqual(expected);
  });
});

test('the workload that shares most labels is named, with what to write', () => {
  const other = object('apps/v1', 'Deployment', 'cart', {
    template: { metadata: { labels: { app: 'cart', tier: 'web' } } },
  });
  const one = service({ selector: { app: 'checkout', tier: 'web', stage: 'x' }, ports });
  const near = object('apps/v1', 'Deployment', 'shop', {
    selector: { matchLabels: { app: 'checkout', tier: 'web' } },
    template: { metadata: { labels: { app: 'checkout', tier: 'web', stage: 'y', 'helm.sh/chart': 'shop-1.2.3' } } },
  });
  const [finding] = find(serviceSelector, subject(one), world('all', [other, near]));
  expect(finding?.message).toBe('selects no workload: Deployment shop does not have stage=x');
  expect(finding?.fix).toBe(
    'Select by labels that the pods keep; Deployment shop goes by:\nselector: {app: checkout, tier: web}',
  );
});

test('either order comes to the same verdict on a port name', () => {
  const asking = service({ selector: { app: 'checkout' }, ports: [{ port: 80, targetPort: 'web' }] });
  expect(identities(asking, serving)).toEqual(['port/web']);
  expect(identities(serving, asking)).toEqual(['service/checkout/port/web']);
  expect(find(serviceSelector, subject(serving, { source: 'files' }), world('all', [asking]))).toEqual([]);
});

test('a request is judged by what it will be, not by what the cache still holds', () => {
  const asking = service({ selector: { app: 'checkout' }, ports });
  const renamed = deployment(1, { containers: [{ name: 'app', ports: [{ name: 'web', containerPort: 8080 }] }] });
  expect(identities(renamed, asking, serving)).toEqual(['service/checkout/port/http']);
});

test.each([
  ['none', 'files', 'apps/Deployment'],
  ['some', 'files', 'apps/Deployment'],
  ['all', 'files', undefined],
] as const)('with %s known of the workloads, in %s', (knowledge, source, expected) => {
  const one = subject(service({ selector: { app: 'nobody' }, ports }), { source });
  expect(configure(serviceSelector).unknown(one, world(knowledge, []))).toBe(expected);
});
