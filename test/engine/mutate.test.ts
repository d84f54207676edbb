import { applyPatch as applyWithLibrary, type Operation as LibraryOperation } from 'rfc6902';
import { describe, expect, test } from 'vitest';
import type { Check, CheckId } from '../../src/checks/check.ts';
import type { Mutation } from '../../src/engine/decision.ts';
import { mutate } from '../../src/engine/mutate.ts';
import { own } from '../../src/kubernetes/fields.ts';
import { valueAt } from '../../src/kubernetes/json-pointer.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { create, deployment, imageTagCheck, policyOf, policyOfAll, update, worldOf } from './engine-kit.ts';

const label = '/spec/template/metadata/labels/tagged';
/** Adds a label to the template where it lacks it. */
const check = imageTagCheck({
  patch: ({ object }) => (valueAt(object, label) === undefined ? [{ op: 'add', path: label, value: 'no' }] : []),
});
const policy = policyOf(check, { patch: true });
const nothing = worldOf();
const plain = deployment({ app: 'app' });
const patched = mutate(create(plain), policy, nothing).object;

describe('on CREATE', () => {
  test('patches, and records who did on the workload, not on its template', () => {
    const mutation = mutate(create(plain), policy, nothing);
    expect(mutation.checks).toEqual(['compute/image-tag']);
    expect(valueAt(mutation.object, label)).toBe('no');
    expect(mutation.object.metadata.annotations).toEqual({ 'daytwo.dev/mutated-by': 'compute/image-tag' });
    expect(valueAt(mutation.object, '/spec/template/metadata/annotations')).toBeUndefined();
  });

  test('sends operations that any JSON Patch library turns into the same object', () => {
    const mutation = mutate(create(plain), policy, nothing);
    expect(byLibrary(plain, mutation)).toEqual(mutation.object);
  });

  test('leaves the given object as it is', () => {
    const before = structuredClone(plain);
    mutate(create(plain), policy, nothing);
    expect(plain).toEqual(before);
  });

  test('does nothing the second time', () => {
    expect(mutate(create(patched), policy, nothing).operations).toEqual([]);
  });

  test.each([
    ['without patch: true', create(plain), policyOf(check)],
    ['with the action Off', create(plain), policyOf(check, { patch: true, action: 'Off' })],
    ['in a system namespace', create({ ...plain, metadata: { name: 'x', namespace: 'kube-system' } }), policy],
    [
      'on an object that a controller owns',
      create({
        ...plain,
        metadata: {
          name: 'x',
          namespace: 'shop',
          ownerReferences: [{ apiVersion: 'a/v1', kind: 'A', name: 'a', uid: 'u', controller: true }],
        },
      }),
      policy,
    ],
    [
      'on an object that an operator manages',
      create({
        ...plain,
        metadata: { name: 'x', namespace: 'shop', labels: { 'app.kubernetes.io/managed-by': 'cnpg' } },
      }),
      policyOf(check, { patch: true }, { operatorManagers: ['cnpg'] }),
    ],
  ])('does nothing %s', (_case, request, under) => {
    expect(mutate(request, under, nothing).operations).toEqual([]);
  });
});

describe('on UPDATE', () => {
  const annotated = (object: KubernetesObject) => ({
    ...object,
    metadata: { ...object.metadata, annotations: { a: 'b' } },
  });

  test('holds a patch back that would start a rollout, and says so', () => {
    const mutation = mutate(update(plain, annotated(plain)), policy, nothing);
    expect(mutation.operations).toEqual([]);
    expect(mutation.withheld).toEqual([{ check: 'compute/image-tag', reason: expect.stringContaining('rollout') }]);
  });

  test('patches when the author changes the template anyway', () => {
    expect(mutate(update(plain, deployment({ app: 'app:2' })), policy, nothing).checks).toEqual(['compute/image-tag']);
  });

  test('brings back what an earlier patch added: kubectl replace starts no rollout', () => {
    const mutation = mutate(update(patched, annotated(plain)), policy, nothing);
    expect(own(valueAt(mutation.object, '/spec/template/metadata/labels'), 'tagged')).toBe('no');
  });
});

test('an object that is replaced by its file gets back what it had, and no rollout for a patch that is new', () => {
  const added = (id: CheckId, name: string): Check =>
    imageTagCheck({
      id,
      patch: ({ object }) => {
        const path = `/spec/template/metadata/labels/${name}`;
        return valueAt(object, path) === undefined ? [{ op: 'add', path, value: 'yes' }] : [];
      },
    });
  const [early, late] = [added('compute/early', 'early'), added('compute/late', 'late')];
  const before = mutate(create(plain), policyOfAll([late]), nothing).object;
  const mutation = mutate(update(before, plain), policyOfAll([early, late]), nothing);
  expect(mutation.checks).toEqual(['compute/late']);
  expect(valueAt(mutation.object, '/spec/template')).toEqual(valueAt(before, '/spec/template'));
  expect(mutation.withheld).toMatchObject([{ check: 'compute/early' }]);
});

test('the template of a Job is left alone once it is there: nobody can change it', () => {
  const job: KubernetesObject = { ...plain, apiVersion: 'batch/v1', kind: 'Job' };
  expect(mutate(create(job), policy, nothing).checks).toEqual(['compute/image-tag']);
  const other = {
    ...job,
    metadata: { ...job.metadata, labels: { queue: 'a' } },
    spec: { ...(job['spec'] as object), suspend: true },
  };
  expect(mutate(update(job, other), policy, nothing).operations).toEqual([]);
});

test('patches that create the same parent are folded: none erases the other', () => {
  const parent = '/spec/template/spec/nodeSelector';
  const twice = imageTagCheck({
    patch: ({ object }) => [
      ...(valueAt(object, parent) === undefined ? [{ op: 'add', path: parent, value: {} } as const] : []),
      { op: 'add', path: `${parent}/a`, value: 'b' },
    ],
  });
  expect(valueAt(mutate(create(plain), policyOf(twice, { patch: true }), nothing).object, parent)).toEqual({ a: 'b' });
});

test('a faulting patch is left out', () => {
  const faulty = imageTagCheck({
    patch: () => {
      throw new Error('no');
    },
  });
  expect(mutate(create(plain), policyOf(faulty, { patch: true }), nothing).operations).toEqual([]);
});

test('a patch that does not apply is left out', () => {
  const wrong = imageTagCheck({ patch: () => [{ op: 'add', path: '/spec/nowhere/deep', value: 1 }] });
  expect(mutate(create(plain), policyOf(wrong, { patch: true }), nothing).operations).toEqual([]);
});

function byLibrary(object: KubernetesObject, { operations }: Mutation): unknown {
  const copy = structuredClone(object);
  // `test` against null for "absent" is the API server's reading (evanphx/json-patch), which RFC 6902 leaves open.
  const guards = operations.filter(({ op }) => op !== 'test') as LibraryOperation[];
  expect(applyWithLibrary(copy, guards).filter(Boolean)).toEqual([]);
  return copy;
}
