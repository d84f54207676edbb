import { describe, expect, test } from 'vitest';
import { pdbUnhealthyPolicy } from '../../../src/checks/compute/pdb-unhealthy-policy.ts';
import type { Knowledge } from '../../../src/kubernetes/cluster-view.ts';
import { companionBudget } from '../../../src/kubernetes/disruption-budget.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { readWorkload } from '../../../src/kubernetes/workload.ts';
import { budget, configure, deployment, find, object, subject, world } from './compute-kit.ts';

const template = { metadata: { labels: { app: 'checkout' } } };
const job = object('batch/v1', 'Job', 'report', { template });
const quorum = object('apps/v1', 'StatefulSet', 'etcd', {
  replicas: 3,
  selector: { matchLabels: { app: 'checkout' } },
  template,
});

describe('AlwaysAllow is set only where every pod is known to be of a Deployment', () => {
  test.each<[string, Knowledge, KubernetesObject[], boolean]>([
    ['a Deployment', 'all', [deployment(3)], true],
    ['among some files', 'some', [deployment(3)], false],
    ['without caches', 'none', [], false],
    ['nothing is selected yet', 'all', [], false],
    ['a StatefulSet', 'all', [quorum], false],
    ['both', 'all', [deployment(3), quorum], false],
    ['a Job as well', 'all', [deployment(3), job], false],
  ])('%s', (_title, knowledge, objects, patched) => {
    const operations = configure(pdbUnhealthyPolicy).patch(
      subject(budget({ maxUnavailable: 1 })),
      world(knowledge, objects),
    );
    expect(operations.length > 0).toBe(patched);
  });

  test('never over what its author wrote', () => {
    const written = budget({ maxUnavailable: 1, unhealthyPodEvictionPolicy: 'IfHealthyBudget' });
    expect(configure(pdbUnhealthyPolicy).patch(subject(written), world('all', [deployment(3)]))).toEqual([]);
  });
});

describe('AlwaysAllow is advised without a word of caution only for Deployments', () => {
  test.each<[string, KubernetesObject[], RegExp]>([
    ['a Deployment', [deployment(3)], /^Let pods go/],
    ['a StatefulSet', [quorum], /^Set IfHealthyBudget if/],
    ['both', [deployment(3), quorum], /^Set IfHealthyBudget if/],
    ['what is not in sight: the pods of an operator', [], /^Set IfHealthyBudget if/],
  ])('%s', (_title, objects, expected) => {
    const [finding] = find(pdbUnhealthyPolicy, subject(budget({ maxUnavailable: 1 })), world('all', objects));
    expect(finding?.fix).toMatch(expected);
  });
});

test('the budget that compute/pdb-required proposes for a StatefulSet says what becomes of them', () => {
  const workload = readWorkload(quorum);
  const proposed = workload && companionBudget(workload, 3);
  expect(find(pdbUnhealthyPolicy, subject(budget({ ...proposed })), world('all', [quorum]))).toEqual([]);
});
