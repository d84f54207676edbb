import { describe, expect, test } from 'vitest';
import type { Action } from '../../src/checks/action.ts';
import { judge } from '../../src/engine/judge.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { type ActivePolicy, activatePolicies } from '../../src/policy/active-policy.ts';
import { readPolicy } from '../../src/policy/read-policy.ts';
import type { PolicySpec, Rule } from '../../src/policy/readiness-policy.ts';
import { create, deployment, imageTagCheck, namespace, worldOf } from '../engine/engine-kit.ts';

const checklist = [imageTagCheck()];

function policies(...specs: readonly Partial<PolicySpec>[]): ActivePolicy {
  const sound = specs.map((spec, index) => {
    const { policy, mistakes } = readPolicy(
      {
        apiVersion: 'daytwo.dev/v1alpha1',
        kind: 'ReadinessPolicy',
        metadata: { name: `p${index}` },
        spec: { rules: [], ...spec },
      },
      checklist,
    );
    if (policy === undefined) throw new Error(JSON.stringify(mistakes));
    return policy;
  });
  return activatePolicies(sound, checklist);
}

function rule(action: Action, match: object = {}): Rule {
  return { check: 'compute/image-tag', action, match };
}

/** What happens to an object without a tag. */
function actionOn(policy: ActivePolicy, tweak: object = {}, ...world: readonly KubernetesObject[]): string | undefined {
  const object = deployment({ app: 'app' }, tweak);
  return judge(create(object), policy, worldOf(...world)).results[0]?.findings[0]?.action;
}

describe('several policies are one list', () => {
  test('the first rule that matches decides, and a policy without a rule for a check leaves it to the next', () => {
    expect(actionOn(policies({ rules: [rule('Warn')] }, { rules: [rule('Deny')] }))).toBe('Warn');
    expect(actionOn(policies({}, { rules: [rule('Deny')] }))).toBe('Deny');
    expect(actionOn(policies({ rules: [rule('Warn', { namespaces: ['other'] })] }, { rules: [rule('Deny')] }))).toBe(
      'Deny',
    );
  });

  test('lists are united, single settings are those of the first that makes them', () => {
    const policy = policies(
      { systemNamespaces: ['a'], tiers: { default: 'sandbox' } },
      {
        systemNamespaces: ['b'],
        tiers: { default: 'production', sandbox: { namespaceSelector: {} } },
        enforceUnknownOwners: true,
      },
      { enforceUnknownOwners: false },
    );
    expect(['a', 'b', 'c'].map((name) => policy.isSystemNamespace(name))).toEqual([true, true, false]);
    expect(policy.tiers).toEqual({ default: 'sandbox', sandbox: { namespaceSelector: {} } });
    expect(policy.enforceUnknownOwners).toBe(true);
    expect(policy.name).toBe('p0, p1, p2');
  });
});

describe('what a place has to do with a rule', () => {
  const bySelector = policies(
    { rules: [rule('Warn', { namespaceSelector: { matchLabels: { team: 'a' } } })] },
    { rules: [rule('Audit', { objectSelector: { matchLabels: { era: 'old' } } })] },
    { rules: [rule('Deny')] },
  );

  test('labels of a namespace that is known', () => {
    expect(actionOn(bySelector, {}, namespace('shop', { team: 'a' }))).toBe('Warn');
    expect(actionOn(bySelector, {}, namespace('shop', { team: 'b' }))).toBe('Deny');
    expect(actionOn(bySelector)).toBe('Deny');
  });

  test('labels that change are seen at once', () => {
    const world = worldOf(namespace('shop', { team: 'b' }));
    const action = (): string | undefined =>
      judge(create(deployment({ app: 'app' })), bySelector, world).results[0]?.findings[0]?.action;
    expect(action()).toBe('Deny');
    world.put(namespace('shop', { team: 'a' }));
    expect(action()).toBe('Warn');
  });

  test('labels of the object are looked at each time', () => {
    const old = { metadata: { name: 'checkout', namespace: 'shop', labels: { era: 'old' } } };
    const world = namespace('shop');
    expect(actionOn(bySelector, old, world)).toBe('Audit');
    expect(actionOn(bySelector, {}, world)).toBe('Deny');
  });

  test('more namespaces than are remembered by name', () => {
    const policy = policies({ rules: [rule('Warn', { namespaces: ['n1*'] })] }, { rules: [rule('Deny')] });
    for (let index = 0; index < 2500; index += 1) {
      const name = `n${index}`;
      expect(actionOn(policy, { metadata: { name: 'x', namespace: name } })).toBe(
        name.startsWith('n1') ? 'Warn' : 'Deny',
      );
    }
  });
});
