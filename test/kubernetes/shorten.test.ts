import { expect, test } from 'vitest';
import { quoted } from '../../src/kubernetes/shorten.ts';

test.each([
  ['60s', '"60s"'],
  ['arn:aws:iam::123456789012:instance-profile/web', '"arn:aws:iam::123456789012:instan…"'],
  ['k'.repeat(40), 'of 40 characters'],
  [`${'aB3/'.repeat(9)}+x==`, 'of 40 characters'],
])('%s is quoted as %s', (value, expected) => {
  expect(quoted(value, 33)).toBe(expected);
});
