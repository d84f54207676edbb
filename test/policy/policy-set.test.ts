import { describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import type { SoundPolicy } from '../../src/policy/active-policy.ts';
import { buildPolicySet, type PolicySet } from '../../src/policy/policy-set.ts';
import { readPolicy } from '../../src/policy/read-policy.ts';
import { imageTagCheck } from '../engine/engine-kit.ts';

const checklist = [imageTagCheck()];

function object(name: string, action: string, metadata: object = {}): KubernetesObject {
  return {
    apiVersion: 'daytwo.dev/v1alpha1',
    kind: 'ReadinessPolicy',
    metadata: { name, uid: `uid-of-${name}`, generation: 1, ...metadata },
    spec: { rules: [{ check: 'compute/image-tag', action }] },
    status: { accepted: true },
  };
}

const base = readPolicy(object('base', 'Audit'), checklist).policy as SoundPolicy;

function build(objects: readonly KubernetesObject[], before?: PolicySet): PolicySet {
  return buildPolicySet({ objects, base, checklist, lastGood: before?.lastGood });
}

/** Actions in production of the rules in force, in their order. */
function actions({ active }: PolicySet): readonly string[] {
  return active.rulesFor('apps/Deployment').flatMap(({ rules }) => rules.map(({ action }) => action.production));
}

const broken = object('b', 'No', { generation: 2 });

test('policies stand in the order of their names, before the one of the command line', () => {
  const set = build([object('b', 'Warn'), object('a', 'Deny')]);
  expect(actions(set)).toEqual(['Deny', 'Warn', 'Audit']);
  expect(set.active.name).toBe('a, b, base');
  expect(set.states.map(({ name, status }) => [name, status])).toEqual([
    ['a', { accepted: true, message: 'in force', rules: 1, observedGeneration: 1 }],
    ['b', { accepted: true, message: 'in force', rules: 1, observedGeneration: 1 }],
  ]);
  expect(actions(build([]))).toEqual(['Audit']);
});

describe('one that cannot be obeyed', () => {
  test('counts for nothing, and the others stay', () => {
    const set = build([broken, object('a', 'Deny')]);
    expect(actions(set)).toEqual(['Deny', 'Audit']);
    expect(set.states[1]).toMatchObject({ name: 'b', status: { accepted: false, rules: 0, observedGeneration: 2 } });
    expect(set.states[1]?.status.message).toBe(
      'ignored:\nspec.rules[0].action: must be one of Deny, Warn, Audit, Off, not "No"',
    );
  });

  test('leaves what it said before in force, however often the set is built', () => {
    const good = build([object('b', 'Warn')]);
    const set = build([broken], build([broken], good));
    expect(actions(set)).toEqual(['Warn', 'Audit']);
    expect(set.states[0]?.status).toMatchObject({ accepted: false, rules: 1 });
    expect(set.states[0]?.status.message).toContain('the version before it stays in force');
  });

  test('but not when it is another object of that name, or gone', () => {
    const good = build([object('b', 'Warn')]);
    expect(actions(build([object('b', 'No', { uid: 'another' })], good))).toEqual(['Audit']);
    expect(actions(build([broken], build([], good)))).toEqual(['Audit']);
  });
});
