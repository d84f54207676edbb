import { describe, expect, test } from 'vitest';
import { pdbBlocksEviction } from '../../../src/checks/compute/pdb-blocks-eviction.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import {
  autoscaler,
  budget,
  configure,
  deployment,
  find,
  object,
  scaledObject,
  subject,
  world,
} from './compute-kit.ts';

const identities = (one: KubernetesObject, ...objects: KubernetesObject[]) =>
  find(pdbBlocksEviction, subject(one), world('all', objects)).map(({ identity }) => identity);

describe('what stands in the budget itself', () => {
  test.each<[string, object, string[]]>([
    ['both fields, one of them closed, in a file', { minAvailable: '100%', maxUnavailable: 1 }, ['literal']],
    ['both fields open, in a file', { minAvailable: 1, maxUnavailable: 1 }, []],
    ['null for a field that is left out', { minAvailable: null, maxUnavailable: 1 }, []],
    ['null for both', { minAvailable: null, maxUnavailable: null }, ['literal']],
    ['below 0, which the API server refuses', { maxUnavailable: -1 }, ['literal']],
    ['more than all', { minAvailable: '150%' }, ['literal']],
    ['text that is no percentage, which the API server refuses', { maxUnavailable: '0' }, []],
  ])('%s', (_title, spec, expected) => {
    expect(identities(budget(spec))).toEqual(expected);
  });
});

describe('either order comes to the same verdict', () => {
  test.each<[string, KubernetesObject, KubernetesObject, boolean]>([
    ['all of two', budget({ minAvailable: 2 }), deployment(2), true],
    ['one of two', budget({ minAvailable: 1 }), deployment(2), false],
    ['half of one', budget({ minAvailable: '50%' }), deployment(1), true],
    ['nothing ever', budget({ maxUnavailable: 0 }), deployment(5), true],
    ['of nothing', budget({ minAvailable: 1 }), deployment(0), false],
  ])('%s', (_title, one, other, blocks) => {
    expect(identities(one, other).length > 0).toBe(blocks);
    expect(identities(other, one).length > 0).toBe(blocks);
  });
});

test('a request is judged by what it will be, not by what the cache still holds', () => {
  const view = world('all', [budget({ minAvailable: 2 }), deployment(5)]);
  expect(find(pdbBlocksEviction, subject(deployment(2), { operation: 'UPDATE' }), view)).toHaveLength(1);
  expect(find(pdbBlocksEviction, subject(budget({ minAvailable: 5 }), { operation: 'UPDATE' }), view)).toHaveLength(1);
});

test('scaling up from 0 is recorded and no more', () => {
  const view = world('all', [budget({ minAvailable: 1 }), deployment(0)]);
  const findings = find(pdbBlocksEviction, subject(deployment(1), { operation: 'UPDATE' }), view);
  expect(findings).toMatchObject([{ atMost: 'Audit' }]);
});

describe('with autoscalers', () => {
  test.each<[string, KubernetesObject[], string[]]>([
    ['KEDA keeps one', [deployment(3), scaledObject({ minReplicaCount: 1 })], ['at-minimum']],
    ['KEDA goes down to nothing, which nothing blocks', [deployment(3), scaledObject({})], []],
    ["KEDA's own autoscaler does not count", [deployment(3), scaledObject({ minReplicaCount: 2 }), autoscaler(1)], []],
    ['written as one, kept at one', [deployment(1), autoscaler(1)], ['computed']],
    ['left to an autoscaler that keeps one', [deployment(undefined), autoscaler(1)], ['at-minimum']],
    ['left to an autoscaler that keeps two', [deployment(undefined), autoscaler(2)], []],
  ])('%s', (_title, objects, expected) => {
    expect(identities(budget({ minAvailable: 1 }), ...objects)).toEqual(expected);
  });

  test("KEDA's own autoscaler is not its author's to change", () => {
    const owner = {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'ScaledObject',
      name: 'checkout',
      uid: '1',
      controller: true,
    };
    const owned = autoscaler(1);
    const hpa = { ...owned, metadata: { ...owned.metadata, ownerReferences: [owner] } };
    const view = world('all', [deployment(3), budget({ minAvailable: 1 })]);
    expect(find(pdbBlocksEviction, subject(hpa), view)).toMatchObject([{ atMost: 'Audit' }]);
  });
});

describe('pods that it counts and nobody scales', () => {
  const labelled = { metadata: { labels: { app: 'checkout' } }, spec: {} };

  test.each([
    ['a DaemonSet', object('apps/v1', 'DaemonSet', 'agent', { template: labelled })],
    ['a Job', object('batch/v1', 'Job', 'import', { template: labelled })],
  ])('of %s make the sum unknown', (_title, unscaled) => {
    expect(identities(budget({ minAvailable: 1 }), deployment(1), unscaled)).toEqual([]);
  });

  test('a ReplicaSet of a Deployment is counted there', () => {
    const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'checkout', uid: '1', controller: true };
    const replicaSet = object(
      'apps/v1',
      'ReplicaSet',
      'checkout-5d4f8',
      { replicas: 1, template: labelled },
      { ownerReferences: [owner] },
    );
    expect(identities(budget({ minAvailable: 1 }), deployment(1), replicaSet)).toEqual(['computed']);
  });

  test('a bare ReplicaSet counts by itself', () => {
    const replicaSet = object('apps/v1', 'ReplicaSet', 'checkout', { replicas: 2, template: labelled });
    expect(identities(budget({ minAvailable: 2 }), replicaSet)).toEqual(['computed']);
  });
});

describe('with a part of the world', () => {
  const unknown = (one: KubernetesObject, view = world('none', [])) =>
    configure(pdbBlocksEviction).unknown(subject(one), view);

  test('no caches, no verdict on replicas', () => {
    expect(unknown(budget({ minAvailable: 1 }))).toBe('policy/PodDisruptionBudget');
    expect(unknown(deployment(1))).toBe('policy/PodDisruptionBudget');
  });

  test('a positive maxUnavailable passes whatever there is', () => {
    expect(unknown(budget({ maxUnavailable: 1 }))).toBeUndefined();
  });

  test('files without the workload leave it open', () => {
    expect(unknown(budget({ minAvailable: 1 }), world('some', []))).toBe('apps/Deployment');
    expect(unknown(budget({ minAvailable: 1 }), world('some', [deployment(2)]))).toBeUndefined();
  });

  test('a number that nobody wrote may be that of an autoscaler in other files', () => {
    const unwritten = [deployment(undefined)];
    expect(find(pdbBlocksEviction, subject(budget({ minAvailable: 1 })), world('some', unwritten))).toEqual([]);
    expect(unknown(budget({ minAvailable: 1 }), world('some', unwritten))).toBe('autoscaling/HorizontalPodAutoscaler');
    expect(find(pdbBlocksEviction, subject(budget({ minAvailable: 1 })), world('all', unwritten))).toHaveLength(1);
  });
});

describe('the fix is the largest value that blocks nothing', () => {
  test.each<[string, object, number, string]>([
    ['as a number', { minAvailable: 3 }, 3, 'lower it to 2'],
    ['as a percentage', { minAvailable: '67%' }, 3, 'lower it to 66%'],
    ['where no number is left', { minAvailable: 1 }, 1, 'keep at least 2 replicas'],
    ['where only more replicas help', { minAvailable: '50%' }, 1, 'keep at least 2 replicas'],
  ])('%s', (_title, spec, replicas, expected) => {
    const findings = find(pdbBlocksEviction, subject(budget(spec)), world('all', [deployment(replicas)]));
    expect(findings.map(({ fix }) => fix.split('\n')[0])).toEqual([
      `Replace minAvailable by maxUnavailable: 1, or ${expected}:`,
    ]);
  });

  test('and holds what it promises', () => {
    for (const minAvailable of [1, 2, 7, '1%', '34%', '50%', '67%', '99%']) {
      for (let replicas = 1; replicas <= 12; replicas++) {
        const [finding] = find(
          pdbBlocksEviction,
          subject(budget({ minAvailable })),
          world('all', [deployment(replicas)]),
        );
        if (finding === undefined) continue;
        const proposed = /lower it to (\S+):/.exec(finding.fix)?.[1];
        const scaled = Number(/at least (\d+) replicas/.exec(finding.fix)?.[1] ?? replicas);
        const value =
          proposed === undefined ? minAvailable : typeof minAvailable === 'number' ? Number(proposed) : proposed;
        expect(identities(budget({ minAvailable: value }), deployment(scaled)), finding.fix).toEqual([]);
      }
    }
  });
});
