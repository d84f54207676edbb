import { describe, expect, test } from 'vitest';
import { hpaReplicasConflict } from '../../../src/checks/compute/hpa-replicas-conflict.ts';
import type { CheckSubject } from '../../../src/checks/check.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { autoscaler, configure, deployment, find, scaledObject, subject, world } from './compute-kit.ts';

const scaled = world('all', [autoscaler(2)]);

function messages(of: KubernetesObject, tweak: Partial<CheckSubject>, view = scaled): readonly string[] {
  return find(hpaReplicasConflict, subject(of, tweak), view).map(({ message }) => message);
}

describe('an UPDATE', () => {
  const from = (before: number | undefined, now: number, user = 'jane'): readonly string[] =>
    messages(deployment(now), { operation: 'UPDATE', oldObject: deployment(before), user });

  test('that changes the number', () => {
    expect(from(8, 3)).toEqual(['replicas is set from 8 to 3, but HorizontalPodAutoscaler checkout scales it']);
  });

  test.each<[string, readonly string[]]>([
    ['that keeps what the autoscaler left there', from(8, 8)],
    ['that parks the workload', from(8, 0)],
    ['that takes it out of parking', from(0, 3)],
    ['by the autoscaler', from(8, 3, 'system:serviceaccount:kube-system:horizontal-pod-autoscaler')],
    ['by KEDA', from(8, 3, 'system:serviceaccount:keda:keda-operator')],
    [
      'of something that nobody scales',
      messages(deployment(3), { operation: 'UPDATE', oldObject: deployment(8) }, world('all', [])),
    ],
  ])('%s', (_case, found) => {
    expect(found).toEqual([]);
  });
});

describe('a CREATE through the API server, which fills in 1', () => {
  const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
  const applied = (spec: object): KubernetesObject => ({
    ...deployment(1),
    metadata: { name: 'checkout', namespace: 'shop', annotations: { [lastApplied]: JSON.stringify({ spec }) } },
  });

  test.each<[string, KubernetesObject, number]>([
    ['says nothing about its author', deployment(1), 0],
    ['with the text that was applied', applied({ replicas: 1 }), 1],
    ['with a text that leaves the number out', applied({}), 0],
  ])('%s', (_case, one, count) => {
    expect(messages(one, {})).toHaveLength(count);
  });
});

test('KEDA scales it too', () => {
  const view = world('all', [scaledObject({})]);
  expect(messages(deployment(3), { source: 'files' }, view)).toEqual([
    'replicas: 3 is written, but ScaledObject checkout scales it',
  ]);
});

test('only a number that somebody wrote makes the autoscaler matter', () => {
  const unknown = (one: KubernetesObject) =>
    configure(hpaReplicasConflict).unknown(subject(one, { source: 'files' }), world('some', []));
  expect(unknown(deployment(3))).toBe('autoscaling/HorizontalPodAutoscaler');
  expect(unknown(deployment(undefined))).toBeUndefined();
});
