import { describe, expect, test } from 'vitest';
import {
  allowedDisruptions,
  blockingField,
  fewestPods,
  largestMinAvailable,
  readDisruptionBudget,
  settingOf,
} from '../../src/kubernetes/disruption-budget.ts';

const read = (spec: object) =>
  readDisruptionBudget({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: {}, spec });

describe('how many pods may be evicted', () => {
  test.each<[object, number, number | undefined]>([
    [{ minAvailable: 1 }, 3, 2],
    [{ minAvailable: 3 }, 3, 0],
    [{ minAvailable: 5 }, 3, 0],
    [{ minAvailable: '50%' }, 1, 0],
    [{ minAvailable: '50%' }, 7, 3],
    [{ minAvailable: '67%' }, 3, 0],
    [{ minAvailable: '0%' }, 2, 2],
    [{ maxUnavailable: 1 }, 1, 1],
    [{ maxUnavailable: 9 }, 3, 3],
    [{ maxUnavailable: '1%' }, 1, 1],
    [{ maxUnavailable: '30%' }, 7, 3],
    [{ maxUnavailable: 0 }, 7, 0],
    [{}, 7, 0],
    [{ maxUnavailable: 1 }, 0, 0],
    [{ minAvailable: '2' }, 3, undefined],
    [{ maxUnavailable: 1.5 }, 3, undefined],
  ])('%j of %i', (spec, expected, allowed) => {
    expect(allowedDisruptions(read(spec), expected)).toBe(allowed);
  });
});

describe('what rules out every eviction by itself', () => {
  test.each<[object, string | undefined]>([
    [{ maxUnavailable: 0 }, 'maxUnavailable'],
    [{ maxUnavailable: '0%' }, 'maxUnavailable'],
    [{ minAvailable: '100%' }, 'minAvailable'],
    [{}, 'neither'],
    [{ minAvailable: null }, 'neither'],
    [{ minAvailable: '99%' }, undefined],
    [{ minAvailable: 1000 }, undefined],
    [{ maxUnavailable: '1%' }, undefined],
  ])('%j', (spec, field) => {
    expect(blockingField(read(spec))).toBe(field);
  });
});

test.each<[object, number | undefined]>([
  [{ minAvailable: 2 }, 3],
  [{ minAvailable: '50%' }, 2],
  [{ minAvailable: '67%' }, 4],
  [{ minAvailable: '99%' }, 100],
  [{ minAvailable: '100%' }, undefined],
])('%j lets one go of so many, and not of one fewer', (spec, pods) => {
  const budget = read(spec);
  expect(fewestPods(budget)).toBe(pods);
  if (pods !== undefined) {
    expect(allowedDisruptions(budget, pods)).toBeGreaterThan(0);
    expect(allowedDisruptions(budget, pods - 1)).toBe(0);
  }
});

test.each<[object, number, number | string]>([
  [{ minAvailable: 3 }, 3, 2],
  [{ minAvailable: '67%' }, 3, '66%'],
  [{ minAvailable: '99%' }, 2, '50%'],
])('the largest value in place of %j', (spec, pods, largest) => {
  expect(largestMinAvailable(read(spec), pods)).toBe(largest);
});

test('is quoted as its author wrote it', () => {
  expect(settingOf(read({ minAvailable: '50%' }))).toBe('minAvailable: 50%');
  expect(settingOf(read({ maxUnavailable: 0 }))).toBe('maxUnavailable: 0');
});
