import { describe, expect, test } from 'vitest';
import { readExemption, writtenMistakes } from '../../src/policy/exemption.ts';
import { imageTagCheck } from '../engine/engine-kit.ts';
import { exemption, november } from './exemption-kit.ts';

const checklist = [imageTagCheck()];

test('one that is in order is active to the end of its day, in UTC', () => {
  expect(readExemption(exemption(), november, checklist)).toMatchObject({
    state: 'Active',
    message: 'until 2026-12-31',
  });
  expect(readExemption(exemption(), Date.parse('2026-12-31T23:59:59Z'), checklist).state).toBe('Active');
  const over = readExemption(exemption(), Date.parse('2027-01-01T00:00:00Z'), checklist);
  expect(over).toEqual({ state: 'Expired', message: 'expired on 2026-12-31' });
});

test('a date-time ends it to the second, whatever its zone', () => {
  const until = '2026-11-21T04:00:00+01:00';
  expect(readExemption(exemption({ until }), november - 1, checklist).state).toBe('Active');
  expect(readExemption(exemption({ until }), november, checklist).state).toBe('Expired');
});

test('when written, one that is over is a mistake with its field', () => {
  expect(writtenMistakes(exemption(), november, checklist)).toEqual([]);
  expect(writtenMistakes(exemption({ until: '2026-11-01' }), november, checklist)).toEqual([
    { pointer: '/spec/until', message: 'expired on 2026-11-01; today is 2026-11-21' },
  ]);
});

describe('counts as none, and says in which field and why', () => {
  test.each<[string, object, string, string]>([
    ['a wildcard for checks', { checks: ['*'] }, '/spec/checks/0', 'too broad'],
    ['a wildcard in a check', { checks: ['compute/*'] }, '/spec/checks/0', 'too broad'],
    ['no check', { checks: [] }, '/spec/checks', 'must name at least one'],
    ['an unknown check', { checks: ['compute/image-tags'] }, '/spec/checks/0', 'did you mean compute/image-tag?'],
    [
      'a kind that the check does not judge',
      { target: { kind: 'core/Service', name: 'a' } },
      '/spec/checks/0',
      'compute/image-tag does not judge core/Service',
    ],
    ['a wildcard for names', { target: { kind: 'apps/Deployment', name: '*' } }, '/spec/target/name', 'too broad'],
    ['an empty selector', { target: { kind: 'apps/Deployment', selector: {} } }, '/spec/target/selector', 'too broad'],
    [
      'a selector that only leaves out',
      { target: { kind: 'apps/Deployment', selector: { matchExpressions: [{ key: 'a', operator: 'DoesNotExist' }] } } },
      '/spec/target/selector',
      'too broad',
    ],
    [
      'a selector that the API would refuse',
      {
        target: { kind: 'apps/Deployment', selector: { matchExpressions: [{ key: 'a', operator: 'In', values: [] }] } },
      },
      '/spec/target/selector/matchExpressions/0/values',
      'must name the values',
    ],
    ['neither name nor selector', { target: { kind: 'apps/Deployment' } }, '/spec/target', 'exactly one'],
    [
      'both',
      { target: { kind: 'apps/Deployment', name: 'a', selector: { matchLabels: { a: 'b' } } } },
      '/spec/target',
      'exactly one',
    ],
    ['a bare kind', { target: { kind: 'Deployment', name: 'a' } }, '/spec/target/kind', 'must match pattern'],
    [
      'a kind of cluster scope',
      { target: { kind: 'core/Namespace', name: 'a' } },
      '/spec/target/kind',
      'cluster scope',
    ],
    ['no reason', { reason: undefined }, '/spec', 'the field reason is missing'],
    ['a blank reason', { reason: ' \u200B\t' }, '/spec/reason', 'say why'],
    ['a blank owner', { owner: '-' }, '/spec/owner', 'say who answers for it'],
    ['no end', { until: undefined }, '/spec', 'the field until is missing'],
    ['an end in words', { until: 'next year' }, '/spec/until', 'write a date'],
    ['a day that does not exist', { until: '2027-02-30' }, '/spec/until', 'write a date'],
    [
      'more than 366 days ahead',
      { until: '2027-11-23' },
      '/spec/until',
      'too broad: more than 366 days ahead; at the latest 2027-11-22',
    ],
    ['a misspelt field', { check: ['compute/image-tag'] }, '/spec/check', 'did you mean checks?'],
  ])('%s', (_case, tweak, pointer, words) => {
    const written = JSON.parse(JSON.stringify(exemption(tweak)));
    expect(writtenMistakes(written, november, checklist)).toContainEqual({
      pointer,
      message: expect.stringContaining(words),
    });
    const read = readExemption(written, november, checklist);
    expect(read.state).toBe('Rejected');
    expect(read.message).toContain(words);
  });

  test.each([[null], [[]], ['text'], [{ checks: 5, target: [], until: {} }]])('a spec of %j', (spec) => {
    expect(readExemption({ ...exemption(), spec }, november, checklist).state).toBe('Rejected');
  });
});

test('366 days ahead is the most', () => {
  expect(writtenMistakes(exemption({ until: '2027-11-22' }), november, checklist)).toEqual([]);
});
