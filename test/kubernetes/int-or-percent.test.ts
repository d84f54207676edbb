import { expect, test } from 'vitest';
import { resolveIntOrPercent } from '../../src/kubernetes/int-or-percent.ts';

test.each([
  [123, 1, 'up', 123],
  [0, 5, 'down', 0],
  ['90%', 100, 'up', 90],
  ['90%', 95, 'up', 86],
  ['90%', 95, 'down', 85],
  ['50%', 1, 'up', 1],
  ['50%', 1, 'down', 0],
  ['0%', 7, 'up', 0],
  ['100%', 7, 'down', 7],
  ['29%', 100, 'up', 29],
] as const)('%j of %i, rounded %s, is %i', (value, total, rounding, expected) => {
  expect(resolveIntOrPercent(value, total, rounding)).toBe(expected);
});

test.each(['%', '90#', '#%', '90', '-5%', ' 5%', '', 1.5, Number.NaN, null, undefined, {}, ['50%']])(
  '%j is refused',
  (value) => {
    expect(resolveIntOrPercent(value, 10, 'up')).toBeUndefined();
  },
);
