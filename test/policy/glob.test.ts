import { describe, expect, test } from 'vitest';
import { globMatcher } from '../../src/policy/glob.ts';

describe('a glob', () => {
  test.each([
    ['shop', 'shop', true],
    ['shop', 'shop-eu', false],
    ['*', '', true],
    ['*', 'shop', true],
    ['team-*', 'team-', true],
    ['team-*', 'team-a', true],
    ['team-*', 'a-team-b', false],
    ['*-prod', 'shop-prod', true],
    ['*-prod', 'shop-prod-2', false],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['a**b', 'ab', true],
    ['a*b*c', 'aXbYc', true],
    ['a*b*c', 'acb', false],
    ['a*bc*c', 'abc', false],
    ['*a*a*', 'ba', false],
    ['*a*a*', 'baba', true],
    ['ab*ba', 'aba', false],
    ['a.c*', 'abc', false],
    ['(a|b)*', '(a|b)c', true],
  ])('%s on "%s": %s', (pattern, name, fits) => {
    expect(globMatcher([pattern])(name)).toBe(fits);
  });

  test('of many stars takes no longer than others: it stands in exemptions that anybody writes', () => {
    const fits = globMatcher([`${'*a'.repeat(100)}*b`]);
    const started = performance.now();
    expect(fits('a'.repeat(253))).toBe(false);
    expect(performance.now() - started).toBeLessThan(100);
  });
});

test('any of several patterns is enough, and none fits nothing', () => {
  const fits = globMatcher(['shop', 'team-*', '*-prod']);
  expect(['shop', 'team-a', 'x-prod', 'other'].map(fits)).toEqual([true, true, true, false]);
  expect(globMatcher([])('shop')).toBe(false);
});
