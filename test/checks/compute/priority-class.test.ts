import { describe, expect, test } from 'vitest';
import { priorityClass } from '../../../src/checks/compute/priority-class.ts';
import type { CheckSubject } from '../../../src/checks/check.ts';
import type { Knowledge } from '../../../src/kubernetes/cluster-view.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { configure, deployment, find, object, subject, world } from './compute-kit.ts';

const kind = 'scheduling.k8s.io/PriorityClass';

function classed(name: string, more: object = {}): KubernetesObject {
  return { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value: 10, ...more };
}

describe('what must be known', () => {
  test.each<[string, object, Knowledge, KubernetesObject[], Partial<CheckSubject>, string | undefined]>([
    ['a missing class, nothing known', {}, 'none', [], {}, kind],
    ['a missing class among some files', {}, 'some', [], {}, kind],
    ['a missing class in a sandbox', {}, 'none', [], { tier: 'sandbox' }, undefined],
    ['a default among some files', {}, 'some', [classed('gold', { globalDefault: true })], {}, undefined],
    ['a class that is not seen', { priorityClassName: 'gold' }, 'some', [], {}, kind],
    ['a class that is seen', { priorityClassName: 'gold' }, 'some', [classed('gold')], {}, undefined],
    ['a missing class, all known', {}, 'all', [], {}, undefined],
  ])('%s', (_case, podSpec, knowledge, objects, tweak, expected) => {
    const view = world(knowledge, objects);
    expect(configure(priorityClass).unknown(subject(deployment(2, podSpec), tweak), view)).toBe(expected);
  });
});

describe('a patch', () => {
  const params = { tierMap: { standard: 'gold' } };
  const patch = (one: KubernetesObject, objects: KubernetesObject[], more: object = {}) =>
    configure(priorityClass, { ...params, ...more }).patch(subject(one), world('all', objects));

  test.each<[string, KubernetesObject, KubernetesObject[]]>([
    ['sets no class that does not exist', deployment(2), []],
    ['leaves a class alone', deployment(2, { priorityClassName: 'tin' }), [classed('gold')]],
    [
      'leaves workloads to the default class',
      deployment(2),
      [classed('gold'), classed('tin', { globalDefault: true })],
    ],
    ['does not touch Pods', object('v1', 'Pod', 'checkout', { priority: 0 }), [classed('gold')]],
  ])('%s', (_case, one, objects) => {
    expect(patch(one, objects)).toEqual([]);
  });

  test('takes from a Pod what the Priority plugin wrote for no class', () => {
    const pod = object('v1', 'Pod', 'checkout', { priority: 0, preemptionPolicy: 'PreemptLowerPriority' });
    expect(patch(pod, [classed('gold')], { patchPods: true })).toEqual([
      { op: 'add', path: '/spec/priorityClassName', value: 'gold' },
      { op: 'remove', path: '/spec/priority' },
      { op: 'remove', path: '/spec/preemptionPolicy' },
    ]);
  });
});

test('a namespace is allowed by name or pattern, and the one that daytwo runs in by default', () => {
  const agent = deployment(2, { priorityClassName: 'system-node-critical' });
  const isRefused = (namespace: string, params?: object) =>
    find(priorityClass, subject(agent, { namespace }), world('all', []), params).length > 0;
  expect(isRefused('daytwo-system')).toBe(false);
  expect(isRefused('platform-dns', { systemAllowed: ['platform-*'] })).toBe(false);
  expect(isRefused('shop', { systemAllowed: ['platform-*'] })).toBe(true);
});
