import { expect, test } from 'vitest';
import { matchesCalicoSelector } from '../../src/kubernetes/calico-selector.ts';

const labels = { app: 'web', 'projectcalico.org/name': 'shop' };

test.each([
  ['', 'yes'],
  ['  ', 'yes'],
  ['all()', 'yes'],
  ['global()', 'no'],
  ["app == 'web'", 'yes'],
  ['app == "db"', 'no'],
  ["app != 'db'", 'yes'],
  ["tier != 'db'", 'yes'],
  ['has(app)', 'yes'],
  ['!has(app)', 'no'],
  ['has(tier)', 'no'],
  ["app in {'web', 'db'}", 'yes'],
  ['projectcalico.org/name not in {"kube-system", "calico-system"}', 'yes'],
  ['projectcalico.org/name not in {"shop"}', 'no'],
  ["tier not in {'db'}", 'yes'],
  ["app contains 'e'", 'yes'],
  ["app starts with 'we' && app ends with 'b'", 'yes'],
  ["app == 'db' || has(app)", 'yes'],
  ["has(app) && app == 'db'", 'no'],
  ["app == 'web' || has(x) && has(y)", 'yes'],
  ["(app == 'web' || has(x)) && has(y)", 'no'],
  ["!(app == 'db')", 'yes'],
  ['!!all()', 'yes'],
])('%s: %s', (selector, expected) => {
  expect(matchesCalicoSelector(selector, labels, true)).toBe(expected);
});

test.each([
  ["tier == 'db'", 'maybe'],
  ['!has(tier)', 'maybe'],
  ["tier == 'db' || all()", 'yes'],
  ["tier == 'db' && app == 'db'", 'no'],
])('where a pod may have more labels, %s: %s', (selector, expected) => {
  expect(matchesCalicoSelector(selector, labels, false)).toBe(expected);
});

test.each([
  "app ='web'",
  'app == web',
  "app == 'web' extra",
  'all(',
  'has()',
  "app in 'web'",
  '(all()',
  '&&',
  '('.repeat(20_000),
])('an invalid selector selects nothing: %.20s', (selector) => {
  expect(matchesCalicoSelector(selector, labels, true)).toBe('no');
});
