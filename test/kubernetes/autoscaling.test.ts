import { describe, expect, test } from 'vitest';
import { replicaBounds, targetOf } from '../../src/kubernetes/autoscaling.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { ObjectIndex } from '../../src/kubernetes/object-index.ts';

const hpa = (spec: object, namespace = 'shop'): KubernetesObject => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'checkout', namespace },
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'checkout' }, ...spec },
});
const scaledObject = (spec: object, paused?: string): KubernetesObject => ({
  apiVersion: 'keda.sh/v1alpha1',
  kind: 'ScaledObject',
  metadata: {
    name: 'checkout',
    namespace: 'shop',
    annotations: paused === undefined ? {} : { 'autoscaling.keda.sh/paused-replicas': paused },
  },
  spec: { scaleTargetRef: { name: 'checkout' }, ...spec },
});

describe('how many replicas there are, and at least', () => {
  test.each<[string, number, readonly KubernetesObject[], { declared: number; worst: number }]>([
    ['nobody scales it', 3, [], { declared: 3, worst: 3 }],
    ['an HPA with a minimum', 3, [hpa({ minReplicas: 2 })], { declared: 3, worst: 2 }],
    ['an HPA without one', 3, [hpa({})], { declared: 3, worst: 1 }],
    ['an HPA that keeps more than is written', 1, [hpa({ minReplicas: 4 })], { declared: 1, worst: 4 }],
    ['an HPA at rest', 0, [hpa({ minReplicas: 4 })], { declared: 0, worst: 0 }],
    ['an HPA in another namespace', 3, [hpa({}, 'other')], { declared: 3, worst: 3 }],
    ['a ScaledObject with a minimum', 3, [scaledObject({ minReplicaCount: 2 })], { declared: 3, worst: 2 }],
    ['a ScaledObject without one', 3, [scaledObject({})], { declared: 3, worst: 0 }],
    ['a paused ScaledObject', 3, [scaledObject({ minReplicaCount: 2 }, '5')], { declared: 3, worst: 5 }],
    ['one that is paused at nonsense', 3, [scaledObject({ minReplicaCount: 2 }, 'x')], { declared: 3, worst: 2 }],
    [
      'a ScaledObject and the HPA it made',
      3,
      [scaledObject({ minReplicaCount: 2 }), hpa({ minReplicas: 1 })],
      { declared: 3, worst: 2 },
    ],
  ])('%s', (_title, replicas, objects, expected) => {
    const view = new ObjectIndex('all');
    for (const one of objects) view.put(one);
    const target = { groupKind: 'apps/Deployment', name: 'checkout', namespace: 'shop', replicas } as const;
    expect(replicaBounds(target, view)).toMatchObject(expected);
  });
});

test.each<[string, KubernetesObject, string]>([
  [
    'version',
    hpa({ scaleTargetRef: { apiVersion: 'apps/v1beta2', kind: 'Deployment', name: 'checkout' } }),
    'apps/Deployment',
  ],
  [
    'old group',
    hpa({ scaleTargetRef: { apiVersion: 'extensions/v1beta1', kind: 'Deployment', name: 'checkout' } }),
    'apps/Deployment',
  ],
  [
    'group',
    hpa({ scaleTargetRef: { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'checkout' } }),
    'argoproj.io/Rollout',
  ],
  ['silence of KEDA', scaledObject({}), 'apps/Deployment'],
])('points at a kind by its %s', (_title, autoscaler, groupKind) => {
  expect(targetOf(autoscaler)).toEqual({ groupKind, name: 'checkout' });
});
