import { describe, expect, test } from 'vitest';
import { checks } from '../../src/checks/index.ts';
import { InvalidFileError } from '../../src/errors.ts';
import { parsePolicy } from '../../src/policy/parse-policy.ts';
import { imageTagCheck } from '../engine/engine-kit.ts';

const header = { apiVersion: 'daytwo.dev/v1alpha1', kind: 'ReadinessPolicy', metadata: { name: 'mine' } };

function mistakesIn(value: unknown, checklist = [imageTagCheck()]): readonly string[] {
  try {
    parsePolicy(
      { file: 'mine.yaml', value, locate: (pointer) => ({ line: pointer.length + 1, column: 1 }) },
      checklist,
    );
    return [];
  } catch (error) {
    if (error instanceof InvalidFileError) return error.mistakes.map(({ field, message }) => `${field}: ${message}`);
    throw error;
  }
}

function rule(tweak: object): object {
  return { ...header, spec: { rules: [{ check: 'compute/image-tag', action: 'Deny', ...tweak }] } };
}

test('a good policy has no mistakes', () => {
  expect(mistakesIn(rule({ action: { production: 'Deny' }, match: { kinds: ['apps/Deployment'] } }))).toEqual([]);
});

describe('a mistake is named with its field and the nearest name', () => {
  test.each([
    [
      'an unknown check',
      { check: 'compute/image-tags' },
      ['spec.rules[0].check: there is no check "compute/image-tags"; did you mean compute/image-tag?'],
    ],
    [
      'a check without its loop',
      { check: 'image-tag' },
      ['spec.rules[0].check: there is no check "image-tag"; did you mean compute/image-tag?'],
    ],
    [
      'an action in lower case',
      { action: 'deny' },
      ['spec.rules[0].action: must be one of Deny, Warn, Audit, Off, not "deny"; did you mean Deny?'],
    ],
    [
      'an unquoted Off, which YAML reads as false',
      { action: false },
      [
        "spec.rules[0].action: must be one of Deny, Warn, Audit, 'Off'; YAML reads an unquoted Off as false, so quote it",
      ],
    ],
    [
      'a tier that does not exist',
      { action: { prod: 'Deny' } },
      ['spec.rules[0].action.prod: there is no such field; there are production, standard, sandbox'],
    ],
    ['a misspelt field', { parms: {} }, ['spec.rules[0].parms: there is no such field; did you mean params?']],
    ['an unknown param', { params: { minReplicas: 2 } }, ['spec.rules[0].params.minReplicas: there is no such field']],
    ['a patch that the check has not', { patch: true }, ['spec.rules[0].patch: compute/image-tag has no patch']],
    [
      'a kind that the check never judges',
      { match: { kinds: ['core/Service'] } },
      [
        'spec.rules[0].match.kinds[0]: compute/image-tag does not judge core/Service; it judges apps/Deployment, core/Pod, batch/Job',
      ],
    ],
  ])('%s', (_case, tweak, expected) => {
    const found = mistakesIn(rule(tweak));
    for (const line of expected) expect(found).toContainEqual(expect.stringContaining(line));
  });

  test('all at once, in the order of the file', () => {
    const found = mistakesIn({
      ...header,
      kind: 'Policy',
      spec: { rules: [{ check: 'compute/x', action: 'No' }, {}] },
    });
    expect(found.map((line) => line.split(':')[0])).toEqual([
      'kind',
      'spec.rules[1]',
      'spec.rules[1]',
      'spec.rules[0].check',
      'spec.rules[0].action',
    ]);
  });

  test.each([[null], [[]], ['text'], [42]])('%j is no policy', (value) => {
    expect(mistakesIn(value)).not.toEqual([]);
  });
});

test('the mistake carries file and line', () => {
  expect(() =>
    parsePolicy(
      {
        file: 'mine.yaml',
        value: { ...header, kind: 'X', spec: { rules: [] } },
        locate: () => ({ line: 3, column: 7 }),
      },
      checks,
    ),
  ).toThrow('mine.yaml:3:7: kind: must be "ReadinessPolicy"');
});
