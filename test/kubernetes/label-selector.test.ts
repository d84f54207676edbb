import { describe, expect, test } from 'vitest';
import { matchesLabels, matchesSelector, selectsAll } from '../../src/kubernetes/label-selector.ts';

const requirement = (key: string, operator: string, ...values: string[]) => ({ key, operator, values });
const expressions = (...matchExpressions: unknown[]) => ({ matchExpressions });

describe('matchesSelector', () => {
  test.each([
    ['a missing selector selects nothing', undefined, { a: 'b' }, 'no'],
    ['null selects nothing', null, { a: 'b' }, 'no'],
    ['an empty selector selects everything', {}, { a: 'b' }, 'yes'],
    ['an empty selector selects a pod without labels', {}, {}, 'yes'],
    ['null requirements are none', { matchLabels: null, matchExpressions: null }, {}, 'yes'],
    ['all labels must be there', { matchLabels: { a: '1', b: '2' } }, { a: '1' }, 'no'],
    ['more labels do not hurt', { matchLabels: { a: '1' } }, { a: '1', b: '2' }, 'yes'],
    ['unknown fields are ignored', { podSelector: null, matchLabels: { a: '1' } }, { a: '1' }, 'yes'],
    [
      'In and NotIn',
      expressions(requirement('x', 'In', 'foo'), requirement('y', 'NotIn', 'no')),
      { x: 'foo', y: 'baz' },
      'yes',
    ],
    [
      'every expression must hold',
      expressions(requirement('x', 'In', 'foo'), requirement('y', 'In', 'no')),
      { x: 'foo', y: 'baz' },
      'no',
    ],
    ['a missing key satisfies NotIn', expressions(requirement('x', 'NotIn', '')), { y: '' }, 'yes'],
    ['a missing key does not satisfy In', expressions(requirement('x', 'In', '')), { y: 'baz' }, 'no'],
    ['Exists with an empty value', expressions(requirement('y', 'Exists')), { y: '' }, 'yes'],
    ['DoesNotExist', expressions(requirement('x', 'DoesNotExist')), { y: '' }, 'yes'],
    ['DoesNotExist with the key there', expressions(requirement('y', 'DoesNotExist')), { y: '' }, 'no'],
    [
      'labels and expressions together',
      { matchLabels: { foo: 'bar' }, matchExpressions: [requirement('baz', 'In', 'qux', 'norf')] },
      { foo: 'bar', baz: 'other' },
      'no',
    ],
  ])('%s', (_, selector, labels, expected) => {
    expect(matchesSelector(selector, labels as Record<string, string>)).toBe(expected);
  });

  test.each([
    ['an equality', { matchLabels: { 'statefulset.kubernetes.io/pod-name': 'db-0' } }, 'maybe'],
    ['Exists', expressions(requirement('pod-template-hash', 'Exists')), 'maybe'],
    ['DoesNotExist', expressions(requirement('batch.kubernetes.io/job-name', 'DoesNotExist')), 'maybe'],
    ['NotIn', expressions(requirement('topology.kubernetes.io/zone', 'NotIn', 'a')), 'maybe'],
    ['another requirement that fails', { matchLabels: { 'job-name': 'x', app: 'b' } }, 'no'],
    ['another requirement that fails, first', { matchLabels: { app: 'b', 'job-name': 'x' } }, 'no'],
    ['another requirement that holds', { matchLabels: { app: 'a', 'job-name': 'x' } }, 'maybe'],
  ])('a label that is added later: %s', (_, selector, expected) => {
    expect(matchesSelector(selector, { app: 'a' })).toBe(expected);
  });

  test('a label that is there already is compared, even one that controllers add', () => {
    expect(matchesSelector({ matchLabels: { 'pod-template-hash': 'x' } }, { 'pod-template-hash': 'x' })).toBe('yes');
    expect(matchesSelector({ matchLabels: { 'pod-template-hash': 'x' } }, { 'pod-template-hash': 'y' })).toBe('no');
  });

  test.each([
    ['a scalar', 'app=web'],
    ['a list', []],
    ['labels that are no map', { matchLabels: ['a'] }],
    ['a label value that is no string', { matchLabels: { a: 1 } }],
    ['expressions that are no list', { matchExpressions: { key: 'a' } }],
    ['an expression that is no map', expressions('a')],
    ['an unknown operator', expressions(requirement('a', 'Gt', '1'))],
    ['In without values', expressions({ key: 'a', operator: 'In' })],
    ['In with an empty list', expressions(requirement('a', 'NotIn'))],
    ['values that are no list', expressions({ key: 'a', operator: 'In', values: '1' })],
    ['Exists with values', expressions(requirement('a', 'Exists', '1'))],
    ['no key', expressions({ operator: 'DoesNotExist' })],
  ])('an invalid selector selects nothing: %s', (_, selector) => {
    expect(matchesSelector(selector, { a: '1' })).toBe('no');
  });

  test('inherited names are no labels', () => {
    expect(matchesSelector(expressions(requirement('constructor', 'Exists')), {})).toBe('no');
    expect(matchesSelector(expressions(requirement('toString', 'DoesNotExist')), {})).toBe('yes');
  });
});

test.each([
  ['no selector', undefined, 'no'],
  ['an empty selector', {}, 'no'],
  ['equal labels', { app: 'a' }, 'yes'],
  ['one of two labels', { app: 'a', tier: 'web' }, 'no'],
  ['a label that is added later', { app: 'a', 'apps.kubernetes.io/pod-index': '0' }, 'maybe'],
])('matchesLabels: %s', (_, selector, expected) => {
  expect(matchesLabels(selector, { app: 'a' })).toBe(expected);
});

test.each([
  [{}, true],
  [{ matchLabels: {}, matchExpressions: [] }, true],
  [{ matchLabels: null }, true],
  [undefined, false],
  [{ matchLabels: { a: '1' } }, false],
  [expressions(requirement('a', 'Exists')), false],
])('selectsAll(%j) is %s', (selector, expected) => {
  expect(selectsAll(selector)).toBe(expected);
});
