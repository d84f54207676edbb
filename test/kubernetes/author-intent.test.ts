import { describe, expect, test } from 'vitest';
import { authorSet } from '../../src/kubernetes/author-intent.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';

const storageClass = (metadata: object, mode: string | null = 'Immediate'): KubernetesObject => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'gp3', ...metadata },
  volumeBindingMode: mode,
});
const applied = (text: string) => ({ annotations: { 'kubectl.kubernetes.io/last-applied-configuration': text } });
const managed = (...entries: [operation: string, fieldsV1: object][]) => ({
  managedFields: entries.map(([operation, fieldsV1]) => ({ manager: 'someone', operation, fieldsV1 })),
});

test('a file says it itself', () => {
  expect(authorSet(storageClass({}), '/volumeBindingMode', 'files')).toBe('yes');
  expect(authorSet(storageClass({}, null), '/volumeBindingMode', 'files')).toBe('no');
  expect(authorSet(storageClass(applied('{}')), '/reclaimPolicy', 'files')).toBe('no');
});

describe.each(['admission', 'live'] as const)('in %s', (source) => {
  test.each([
    ['no trace', {}, 'unknown'],
    ['kubectl apply with the field', applied('{"volumeBindingMode":"Immediate"}'), 'yes'],
    ['kubectl apply without the field', applied('{"provisioner":"x"}'), 'no'],
    ['an annotation that is no JSON', applied('oops'), 'unknown'],
    ['an annotation that is no object', applied('null'), 'unknown'],
    ['server-side apply of the field', managed(['Apply', { 'f:volumeBindingMode': {} }]), 'yes'],
    ['server-side apply without the field', managed(['Apply', { 'f:provisioner': {} }]), 'no'],
    ['kubectl create, which owns the defaults too', managed(['Update', { 'f:volumeBindingMode': {} }]), 'unknown'],
    [
      'another client wrote it after the apply',
      managed(['Apply', {}], ['Update', { 'f:volumeBindingMode': {} }]),
      'unknown',
    ],
    ['only updates of other fields', managed(['Update', { 'f:metadata': {} }]), 'unknown'],
  ])('%s', (_, metadata, expected) => {
    expect(authorSet(storageClass(metadata), '/volumeBindingMode', source)).toBe(expected);
  });
});

test('a map that is applied as a whole owns what is in it', () => {
  const object = storageClass(managed(['Apply', { 'f:parameters': {} }]));
  expect(authorSet(object, '/parameters/type', 'admission')).toBe('yes');
});
