import { describe, expect, test } from 'vitest';
import { hpaValidity } from '../../../src/checks/compute/hpa-validity.ts';
import type { Knowledge } from '../../../src/kubernetes/cluster-view.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { configure, deployment, find, object, subject, world } from './compute-kit.ts';

function hpa(
  spec: object,
  target: object = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'checkout' },
): KubernetesObject {
  const metrics = [
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
  ];
  const more = { scaleTargetRef: target, minReplicas: 2, maxReplicas: 10, metrics, ...spec };
  return object('autoscaling/v2', 'HorizontalPodAutoscaler', 'checkout', more);
}

const identities = (of: KubernetesObject, source: 'files' | 'admission' = 'files', objects = [deployment(2)]) =>
  find(hpaValidity, subject(of, { source }), world('all', objects)).map(({ identity }) => identity);

test.each<[string, object, string[]]>([
  ['more at least than at most', { minReplicas: 5, maxReplicas: 3 }, ['range']],
  ['from zero', { minReplicas: 0 }, ['scale-to-zero']],
  ['just not too high', { metrics: [metric(95)] }, []],
  ['just too high', { metrics: [metric(96)] }, ['utilization/cpu']],
  ['just not too low', { metrics: [metric(10)] }, []],
  ['just too low', { metrics: [metric(9)] }, ['utilization/cpu']],
])('%s', (_case, spec, expected) => {
  expect(identities(hpa(spec))).toEqual(expected);
});

function metric(averageUtilization: number): object {
  return { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } };
}

test('what the API server has let through may start at zero', () => {
  expect(identities(hpa({ minReplicas: 0 }), 'admission')).toEqual([]);
});

describe('the target', () => {
  test.each<[string, object, string[]]>([
    ['of an old group', { apiVersion: 'extensions/v1beta1', kind: 'Deployment', name: 'checkout' }, []],
    ['of the wrong group', { apiVersion: 'v1', kind: 'Deployment', name: 'checkout' }, ['target']],
    ['a CronJob', { apiVersion: 'batch/v1', kind: 'CronJob', name: 'checkout' }, ['target-kind']],
    ['a missing ReplicaSet', { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'checkout' }, ['target']],
  ])('%s', (_case, target, expected) => {
    expect(identities(hpa({}, target))).toEqual(expected);
  });

  test('the cluster cache holds neither ReplicaSets of Deployments nor every custom resource', () => {
    expect(identities(hpa({}, { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'x' }), 'admission')).toEqual([]);
    expect(identities(hpa({}, { apiVersion: 'example.com/v1', kind: 'Cache', name: 'x' }), 'admission')).toEqual([]);
    expect(identities(hpa({}, { apiVersion: 'argoproj.io/v1', kind: 'Rollout', name: 'x' }), 'admission')).toEqual([
      'target',
    ]);
  });
});

test.each<[string, object, Knowledge, string | undefined]>([
  ['a target that may be elsewhere', {}, 'some', 'apps/Deployment'],
  [
    'a metric whose adapter may be elsewhere',
    { metrics: [{ type: 'Pods' }] },
    'all',
    'apiregistration.k8s.io/APIService',
  ],
  ['nothing', {}, 'all', undefined],
])('not known: %s', (_case, spec, knowledge, expected) => {
  const view = world(knowledge, [deployment(2)]);
  expect(configure(hpaValidity).unknown(subject(hpa(spec), { source: 'files' }), view)).toBe(expected);
});
