import { describe, expect, test } from 'vitest';
import { replicas } from '../../../src/checks/compute/replicas.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { autoscaler, configure, deployment, find, object, scaledObject, subject, world } from './compute-kit.ts';

const service = object('v1', 'Service', 'checkout', { selector: { app: 'checkout' }, ports: [{ port: 80 }] });

describe('with a part of the world', () => {
  const judge = (one: KubernetesObject, ...objects: KubernetesObject[]) => {
    const view = world('some', objects);
    return [find(replicas, subject(one), view).length, configure(replicas).unknown(subject(one), view)];
  };

  test.each<[string, KubernetesObject, KubernetesObject[], [number, string | undefined]]>([
    ['one replica may be kept up elsewhere', deployment(1), [], [0, 'autoscaling/HorizontalPodAutoscaler']],
    ['two are enough wherever they stand', deployment(2), [], [0, undefined]],
    ['none are parked', deployment(0), [], [0, undefined]],
    ['the minimum of an autoscaler is a fact', deployment(3), [autoscaler(1)], [1, undefined]],
    ['none of a ScaledObject, and no Service in sight', deployment(3), [scaledObject({})], [0, 'core/Service']],
    ['none of a ScaledObject, behind a Service', deployment(3), [scaledObject({}), service], [1, undefined]],
    ['one of a ScaledObject', deployment(3), [scaledObject({ minReplicaCount: 1 })], [1, undefined]],
  ])('%s', (_title, one, objects, expected) => {
    expect(judge(one, ...objects)).toEqual(expected);
  });
});

describe('how sure a number is at admission', () => {
  const applied = (of: object): KubernetesObject => {
    const one = deployment(1);
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(of) };
    return { ...one, metadata: { ...one.metadata, annotations } };
  };
  const ceiling = (one: KubernetesObject) => find(replicas, subject(one), world('all', []))[0]?.atMost;

  test('what its author wrote may be refused', () => {
    expect(ceiling(applied({ spec: { replicas: 1 } }))).toBeUndefined();
  });

  test('what the API server filled in may not, since an autoscaler may follow', () => {
    expect(ceiling(applied({ spec: {} }))).toBe('Warn');
    expect(ceiling(deployment(1))).toBe('Warn');
  });
});
