import { expect, test } from 'vitest';
import { describeBytes, describeCores, mebibytes, millicores } from '../../src/kubernetes/amount.ts';
import { parseQuantity } from '../../src/kubernetes/quantity.ts';

const nano = (quantity: string) => parseQuantity(quantity) as bigint;

test.each([
  ['512m', '0.512 bytes'],
  ['512', '512 bytes'],
  ['1000m', '1 byte'],
  ['1Ki', '1Ki'],
  ['1536Mi', '1.5Gi'],
  ['64Ti', '64Ti'],
  ['2Pi', '2050Ti'],
])('%s is %s', (quantity, text) => {
  expect(describeBytes(nano(quantity))).toBe(text);
});

test.each([
  ['1500m', '1.5'],
  ['0.0005', '0.0005'],
  ['1000', '1000'],
])('%s is %s cores', (quantity, text) => {
  expect(describeCores(nano(quantity))).toBe(text);
});

test('what is to be written is never less', () => {
  expect([mebibytes(nano('1Gi')), mebibytes(nano('1M')), millicores(nano('1')), millicores(nano('0.0101'))]).toEqual([
    '1024Mi',
    '1Mi',
    '1000m',
    '11m',
  ]);
});
