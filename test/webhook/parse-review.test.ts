import { describe, expect, test } from 'vitest';
import { managedFieldsOf } from '../../src/kubernetes/managed-fields.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { parseReview } from '../../src/webhook/parse-review.ts';

const entry = {
  manager: 'kubectl',
  operation: 'Apply',
  fieldsType: 'FieldsV1',
  fieldsV1: { 'f:spec': { 'f:containers': { 'k:{"name":"app"}': { '.': {}, 'f:image': {} } } } },
};
const object = (managedFields: unknown, more: object = {}): object => ({
  apiVersion: 'example.dev/v1',
  kind: 'Thing',
  metadata: { name: 'a', labels: { app: 'a' }, managedFields },
  ...more,
});
const review = (one: object, old: object | null = null): string =>
  JSON.stringify({ kind: 'AdmissionReview', request: { uid: 'u', object: one, oldObject: old, dryRun: false } });

const parse = (text: string): { readonly request: { readonly object: KubernetesObject } } =>
  parseReview(Buffer.from(text)) as ReturnType<typeof parse>;

describe('says what JSON.parse would say of', () => {
  const nested = { managedFields: [{ a: [1, 2] }], list: ['b'] };
  const flat = { managedFields: ['a'] };
  test.each([
    ['an object that somebody owns', review(object([entry, { ...entry, manager: 'controller' }]))],
    ['an object and what it was', review(object([entry]), object([{ ...entry, manager: 'old' }]))],
    ['an object that nobody owns', review(object([]))],
    ['no list at all', review(object(null))],
    ['a list in the list', review(object([{ ...entry, fieldsV1: { list: [[1], [2]] } }]))],
    ['a bracket in a name', review(object([{ ...entry, fieldsV1: { 'v:"a]},b"': {} } }]))],
    ['a bracket and quotes in a name', review(object([{ ...entry, fieldsV1: { 'v:"]}},\\"spec\\":{"': {} } }]))],
    ['characters of several bytes', review(object([{ ...entry, manager: 'Ünïcode 🙂' }], { note: '🙂' }))],
    ['a list of that name in a spec', review(object([entry], { spec: nested }))],
    ['a list of that name in a spec alone', review(object(undefined, { spec: nested }))],
    ['a flat list of that name in a spec alone', review(object(undefined, { spec: flat }))],
    ['a list of that name in text', review(object([entry], { note: JSON.stringify(nested) }))],
    ['a key that ends like that name', review(object([entry], { spec: { 'x"managedFields': [1] } }))],
    ['a word for the list', review(object('length', { spec: flat }))],
    ['two such lists in a spec', review(object([entry], { spec: { a: flat, b: flat } }))],
    ['spaces between all words', JSON.stringify(JSON.parse(review(object([entry]))), null, 2)],
    // What is outside and inside of quotes changes places behind the first bracket, and is JSON for a while.
    ['text that reads both ways', review(object([entry], { spec: { managedFields: ['],'], ':1,': 2, '],': [3] } }))],
  ])('%s', (_what, text) => {
    expect(JSON.parse(JSON.stringify(parse(text)))).toEqual(JSON.parse(text));
  });
});

test('who owns what is there for whoever asks', () => {
  expect(managedFieldsOf(parse(review(object([entry]))).request.object)).toEqual([entry]);
});

test('the same owners are equal, and others are not', () => {
  const owners = (manager: string): unknown =>
    parse(review(object([{ ...entry, manager }]))).request.object.metadata.managedFields;
  expect(owners('a')).toEqual(owners('a'));
  expect(owners('a')).not.toEqual(owners('b'));
});

test.each(['', 'no', '{"a":', review(object([entry])).slice(0, -5), review(object([entry])).slice(0, 150)])(
  'refuses what is no JSON: %s',
  (text) => expect(() => parse(text)).toThrow(SyntaxError),
);

test('text that was skipped and is no list names nobody', () => {
  const broken = review(object([])).replace('"managedFields":[]', '"managedFields":[broken]');
  expect(managedFieldsOf(parse(broken).request.object)).toEqual([]);
});
