import { describe, expect, test } from 'vitest';
import { pdbRequired } from '../../../src/checks/compute/pdb-required.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { autoscaler, budget, configure, deployment, find, scaledObject, subject, world } from './compute-kit.ts';

const of = deployment(3);

describe('which workloads need one', () => {
  const isAsked = (one: KubernetesObject, ...objects: KubernetesObject[]) =>
    find(pdbRequired, subject(one), world('all', objects)).length > 0;

  test.each<[string, KubernetesObject, KubernetesObject[], boolean]>([
    ['KEDA may go down to 0', of, [scaledObject({})], false],
    ['KEDA keeps two', deployment(0), [scaledObject({ minReplicaCount: 2 })], true],
    [
      'KEDA is paused at one',
      of,
      [scaledObject({ minReplicaCount: 2 }, { 'autoscaling.keda.sh/paused-replicas': '1' })],
      false,
    ],
    [
      'an autoscaler of something else',
      of,
      [autoscaler(1, { apiVersion: 'apps/v1', kind: 'Deployment', name: 'cart' })],
      true,
    ],
    [
      'an autoscaler of a StatefulSet of that name',
      of,
      [autoscaler(1, { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'checkout' })],
      true,
    ],
    [
      'an autoscaler that says extensions',
      of,
      [autoscaler(1, { apiVersion: 'extensions/v1beta1', kind: 'Deployment', name: 'checkout' })],
      false,
    ],
    ['parked under an autoscaler', deployment(0), [autoscaler(3)], false],
  ])('%s', (_title, one, objects, asked) => {
    expect(isAsked(one, ...objects)).toBe(asked);
  });
});

describe('with a part of the world', () => {
  const unknown = (...objects: KubernetesObject[]) => {
    const view = world('some', objects);
    return [find(pdbRequired, subject(of), view).length, configure(pdbRequired).unknown(subject(of), view)];
  };

  test('a budget that is not found may stand elsewhere', () => {
    expect(unknown()).toEqual([0, 'policy/PodDisruptionBudget']);
  });

  test('one that is found is enough', () => {
    expect(unknown(budget({ maxUnavailable: 1 }))).toEqual([0, undefined]);
  });

  test('a single replica needs none, wherever it stands', () => {
    expect(configure(pdbRequired).unknown(subject(deployment(1)), world('some', []))).toBeUndefined();
  });
});

test('a missing budget is pending, since it may be the next object', () => {
  expect(find(pdbRequired, subject(of), world('all', []))).toMatchObject([{ pending: true, atMost: 'Warn' }]);
});

test('the fix is a whole budget, with the selector as it stands', () => {
  const [finding] = find(pdbRequired, subject(deployment(12)), world('all', []));
  expect(finding?.fix.split('\n').slice(1)).toEqual([
    'apiVersion: policy/v1',
    'kind: PodDisruptionBudget',
    'metadata: {name: checkout, namespace: shop}',
    'spec:',
    '  selector: {matchLabels: {app: checkout}}',
    '  maxUnavailable: 10%',
    '  unhealthyPodEvictionPolicy: AlwaysAllow',
  ]);
});
