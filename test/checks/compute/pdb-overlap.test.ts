import { expect, test } from 'vitest';
import { pdbOverlap } from '../../../src/checks/compute/pdb-overlap.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { budget, deployment, find, subject, world } from './compute-kit.ts';

const owner = { apiVersion: 'example.com/v1', kind: 'Shop', name: 'checkout', uid: '1', controller: true };
const mine = (name: string): KubernetesObject => budget({}, { name });
const operators = (name: string): KubernetesObject => budget({}, { name, ownerReferences: [owner] });

test.each<[string, KubernetesObject[], string]>([
  ['the first by name', [mine('b'), mine('a')], 'kubectl -n shop delete pdb b'],
  ['the one that an operator makes again', [mine('a'), operators('z')], 'kubectl -n shop delete pdb a'],
  ['only that one', [mine('c'), operators('b'), mine('a')], 'kubectl -n shop delete pdb a c'],
])('keeps %s', (_title, budgets, command) => {
  const [finding] = find(pdbOverlap, subject(deployment(3)), world('all', budgets));
  expect(finding?.fix.split('\n')[1]).toBe(command);
});

test('deletes none that would come again', () => {
  const [finding] = find(pdbOverlap, subject(deployment(3)), world('all', [operators('a'), operators('b')]));
  expect(finding?.fix).not.toContain('kubectl');
});

test('says of the own budget that it is the one to delete', () => {
  const view = world('all', [deployment(3), mine('a'), operators('z')]);
  expect(find(pdbOverlap, subject(mine('a')), view)).toMatchObject([
    { fix: expect.stringMatching(/^Delete this one, since z has an owner/) },
  ]);
});
