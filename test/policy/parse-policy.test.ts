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

describe('a selector that the API would refuse selects nothing: no namespace would be production', () => {
  const values = 'must name the values to compare with';
  test.each<[string, object, readonly string[]]>([
    [
      'In without values',
      { matchExpressions: [{ key: 'env', operator: 'In' }] },
      [`matchExpressions[0].values: ${values}`],
    ],
    [
      'NotIn with an empty list',
      { matchExpressions: [{ key: 'env', operator: 'NotIn', values: [] }] },
      [`matchExpressions[0].values: ${values}`],
    ],
    [
      'Exists with values',
      { matchExpressions: [{ key: 'env', operator: 'Exists', values: ['prod'] }] },
      ['matchExpressions[0].values: Exists looks at no values; write In to compare with them'],
    ],
    [
      'DoesNotExist with values',
      { matchExpressions: [{ key: 'env', operator: 'DoesNotExist', values: ['prod'] }] },
      ['matchExpressions[0].values: DoesNotExist looks at no values; write NotIn to compare with them'],
    ],
    [
      'keys that no label can have',
      {
        matchLabels: { 'env prod': 'a', 'Team.example/env': 'a' },
        matchExpressions: [{ key: 'a/b/c', operator: 'Exists' }],
      },
      [
        'matchLabels["env prod"]: no label can have this name',
        'matchLabels["Team.example/env"]: no label can have this name',
        'matchExpressions[0].key: no label can have the name "a/b/c"',
      ],
    ],
    [
      'values that no label can have',
      {
        matchLabels: { env: 'prod,live' },
        matchExpressions: [{ key: 'env', operator: 'In', values: ['prod', 'prod-*', '-prod'] }],
      },
      [
        'matchLabels.env: no label can have the value "prod,live"',
        'matchExpressions[0].values[1]: no label can have the value "prod-*"',
        'matchExpressions[0].values[2]: no label can have the value "-prod"',
      ],
    ],
  ])('%s', (_case, selector, expected) => {
    const tiers = { production: { namespaceSelector: selector } };
    const ofTier = mistakesIn({ ...header, spec: { tiers, rules: [] } });
    for (const line of expected)
      expect(ofTier).toContainEqual(expect.stringContaining(`spec.tiers.production.namespaceSelector.${line}`));
    expect(ofTier).toHaveLength(expected.length);
    for (const field of ['namespaceSelector', 'objectSelector'])
      expect(mistakesIn(rule({ match: { [field]: selector } }))).toHaveLength(expected.length);
  });

  test.each<[object]>([
    [{}],
    [{ matchLabels: { env: '', 'app.kubernetes.io/part-of': 'Shop_1.0', a: '1' } }],
    [{ matchExpressions: [{ key: 'env', operator: 'In', values: ['', 'prod'] }] }],
    [{ matchExpressions: [{ key: 'env', operator: 'Exists', values: [] }] }],
  ])('%j is one', (selector) => {
    expect(mistakesIn(rule({ match: { namespaceSelector: selector } }))).toEqual([]);
  });
});

describe('what would switch a guardrail off in silence is a mistake', () => {
  test.each([['namespaces'], ['kinds']])('an empty list of %s, which nothing is in', (field) => {
    expect(mistakesIn(rule({ match: { [field]: [] } }))).toEqual([
      `spec.rules[0].match.${field}: must name at least one`,
    ]);
  });

  test.each([['*'], ['**']])('systemNamespaces: %s, which is every namespace', (glob) => {
    expect(mistakesIn({ ...header, spec: { systemNamespaces: ['infra-*', glob], rules: [] } })).toEqual([
      'spec.systemNamespaces[1]: this is every namespace, so that nothing would be refused anywhere: name those of the platform',
    ]);
  });

  const action = 'Deny';
  const check = 'compute/image-tag';
  const rules = (...matches: readonly object[]): object => ({
    ...header,
    spec: { rules: matches.map((match) => Object.assign({ check, action }, match)) },
  });

  test.each<[string, object]>([
    ['no match', {}],
    ['an empty one', { match: {} }],
  ])('a rule behind one for the same check with %s', (_case, first) => {
    expect(
      mistakesIn(rules({ match: { namespaces: ['shop'] } }, first, { match: { namespaces: ['legacy'] } })),
    ).toEqual([
      'spec.rules[2]: is never reached: rules[1] is for compute/image-tag too and matches everything; put this one before it',
    ]);
  });

  test('but not one behind a rule that leaves something to it', () => {
    expect(mistakesIn(rules({ match: { excludeNamespaces: ['shop'] } }, {}))).toEqual([]);
  });

  test('a range that nothing lies in', () => {
    const readTimeout = { min: 100, max: 5 };
    const timeouts = { check: 'network/ingress-timeouts', action, params: { readTimeout } };
    expect(mistakesIn({ ...header, spec: { rules: [timeouts] } }, [...checks])).toEqual([
      'spec.rules[0].params.readTimeout: no number is at least 100 and at most 5; min must not be more than max',
    ]);
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
