import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseQuantity } from '../../src/kubernetes/quantity.ts';

const nanos = 10n ** 9n;

describe('parseQuantity', () => {
  test.each<[written: unknown, nano: bigint]>([
    ['100m', 100_000_000n],
    ['256Mi', 256n * 1024n * 1024n * nanos],
    ['1.5Gi', 1536n * 1024n * 1024n * nanos],
    ['512m', 512_000_000n],
    ['1e3', 1000n * nanos],
    ['1E', 10n ** 18n * nanos],
    ['1E-3', 1_000_000n],
    ['+2k', 2000n * nanos],
    ['-1', -nanos],
    ['12884901888', 12_884_901_888n * nanos],
    [1, nanos],
    [0.5, 500_000_000n],
    [1e-7, 100n],
    [0, 0n],
    ['0Mi', 0n],
    [null, 0n],
  ])('%s', (written, nano) => {
    expect(parseQuantity(written)).toBe(nano);
  });

  test.each([
    ['finer than a nano rounds away from zero', '0.9n', 1n],
    ['also below zero', '-0.9n', -1n],
    ['binary suffixes end at 2^63-1', '9Ei', (2n ** 63n - 1n) * nanos],
    ['decimal ones do not', '12E', 12n * 10n ** 18n * nanos],
  ])('%s', (_title, written, nano) => {
    expect(parseQuantity(written)).toBe(nano);
  });

  test.each([
    [''],
    ['1 Gi'],
    ['256MB'],
    ['256mi'],
    ['1.1.M'],
    ['half'],
    ['-3.01e-'],
    [' 1'],
    ['toString'],
    [true],
    [{}],
    [undefined],
    [Number.NaN],
  ])('%j is no quantity', (written) => {
    expect(parseQuantity(written)).toBeUndefined();
  });

  test('a power beyond reason is cut off before its digits fill the memory', () => {
    expect(parseQuantity('1e999999999')).toBe(10n ** 1009n);
  });

  test('a text beyond reason is not read at all', () => {
    expect(parseQuantity('9'.repeat(3_000_000))).toBeUndefined();
  });
});

interface Vectors {
  readonly valid: readonly { readonly input: string; readonly value: string }[];
  readonly big: readonly { readonly input: string; readonly value: string }[];
  readonly invalid: readonly string[];
}

const cases = process.env['DAYTWO_CASES'];

describe.skipIf(cases === undefined)("Kubernetes' own table (set DAYTWO_CASES to run)", () => {
  const read = (): Vectors => JSON.parse(readFileSync(`${cases}/vectors/quantities.json`, 'utf8')) as Vectors;

  test('gives the same values, with either sign', () => {
    for (const { input, value } of [...read().valid, ...read().big]) {
      expect(parseQuantity(input), input).toBe(toNanos(value));
      if (!/^[+-]/.test(input)) {
        expect(parseQuantity(`+${input}`), `+${input}`).toBe(toNanos(value));
        expect(parseQuantity(`-${input}`), `-${input}`).toBe(-toNanos(value));
      }
    }
  });

  test('refuses the same texts', () => {
    for (const input of read().invalid) expect(parseQuantity(input), input).toBeUndefined();
  });
});

/** @param value a plain decimal with at most nine places: `-1.5` */
function toNanos(value: string): bigint {
  const [whole = '', places = ''] = value.split('.');
  return BigInt(whole + places.padEnd(9, '0'));
}
