import { expect, test } from 'vitest';
import { addEntries } from '../../src/kubernetes/add-entries.ts';
import { applyPatch } from '../../src/kubernetes/json-patch.ts';

test.each<[string, object, object]>([
  ['beside others', { a: { b: { c: 1 } } }, { a: { b: { c: 1, x: 1, y: 2 } } }],
  ['into an empty map', { a: { b: {} } }, { a: { b: { x: 1, y: 2 } } }],
  ['into a map that is null', { a: { b: null } }, { a: { b: { x: 1, y: 2 } } }],
  ['into a map that is missing, with its parent', {}, { a: { b: { x: 1, y: 2 } } }],
])('%s', (_title, before, after) => {
  expect(applyPatch(before, addEntries(before, '/a/b', { x: 1, y: 2 }))).toEqual(after);
});

test('nothing to add makes no empty map', () => {
  expect(addEntries({}, '/a/b', {})).toEqual([]);
});

test('a map that somebody made meanwhile is not overwritten', () => {
  const operations = addEntries({}, '/a/b', { x: 1 });
  expect(() => applyPatch({ a: { b: { mine: true } } }, operations)).toThrow(/another value/);
});
