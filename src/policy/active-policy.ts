import type { ActionByTier, OnLastDelete, Tier, WhenMissing } from '../checks/action.ts';
import { tiers } from '../checks/action.ts';
import type { Check, ConfiguredCheck } from '../checks/check.ts';
import type { GroupKind } from '../kubernetes/object.ts';
import { globMatcher } from './glob.ts';
import { mergeSpecs } from './merge-specs.ts';
import type { Match, PolicySpec, Rule, TierSettings } from './readiness-policy.ts';
import { type Place, rulesByPlace } from './rules-by-place.ts';

/** One or several policies ready to judge with: params validated, globs compiled, rules found without a search. */
export interface ActivePolicy {
  /** The names of the policies in it, in order: `payments, baseline`. */
  readonly name: string;
  /** Every check there is, in checklist order, whether a rule names it or not. */
  readonly checklist: readonly Check[];
  readonly tiers: TierSettings;
  readonly enforceUnknownOwners: boolean;
  isSystemNamespace(name: string): boolean;
  isOperatorManager(managedBy: string): boolean;
  /** Rules by check, in checklist order, for the checks that judge this kind. */
  rulesFor(kind: GroupKind): readonly CheckRules[];
  /** Of those the ones that can match in this place. Only the object's own labels are left to look at. */
  rulesIn(kind: GroupKind, place: Place): readonly CheckRules[];
}

/** The rules that a policy has for one check; the first that matches an object decides. */
export interface CheckRules {
  readonly check: Check;
  readonly rules: readonly ActiveRule[];
}

export interface ActiveRule {
  readonly configured: ConfiguredCheck;
  readonly action: ActionByTier;
  readonly match: ActiveMatch;
  readonly patch: boolean;
  readonly ratchet: boolean;
  readonly onFault: 'Allow' | 'Deny';
  readonly whenMissing: Readonly<Record<Tier, WhenMissing>>;
  readonly onLastDelete: Readonly<Record<Tier, OnLastDelete>>;
}

export interface ActiveMatch {
  readonly namespace: ((name: string) => boolean) | undefined;
  readonly excludedNamespace: ((name: string) => boolean) | undefined;
  readonly namespaceSelector: object | undefined;
  readonly objectSelector: object | undefined;
  readonly kinds: ReadonlySet<string> | undefined;
}

/** Namespaces of the platform itself: a guardrail that blocks them blocks the cluster's own recovery. */
const builtInSystemNamespaces = [
  'kube-*',
  'gatekeeper-system',
  'kyverno',
  'cert-manager',
  'istio-system',
  'linkerd',
  'cilium',
  'calico-system',
  'tigera-operator',
  'gmp-system',
  'gke-*',
  'amazon-*',
  'aks-*',
  'openshift-*',
];

/** A rule whose check is known and whose params have been validated. */
export interface ConfiguredRule {
  readonly rule: Rule;
  readonly configured: ConfiguredCheck;
}

/** A policy without mistakes, its rules configured: what an active policy is made of. */
export interface SoundPolicy {
  readonly name: string;
  readonly spec: PolicySpec;
  readonly rules: readonly ConfiguredRule[];
}

/** One policy by itself; as `activatePolicies`. */
export function activatePolicy(
  name: string,
  spec: PolicySpec,
  rules: readonly ConfiguredRule[],
  checklist: readonly Check[],
  ownNamespace?: string,
): ActivePolicy {
  return activatePolicies([{ name, spec, rules }], checklist, ownNamespace);
}

/**
 * Several policies as one: their rules stand one after the other, and the first that matches decides.
 * @param checklist all checks, in checklist order: the order of evaluation and of findings
 * @param ownNamespace where daytwo itself runs; undefined outside a cluster
 */
export function activatePolicies(
  policies: readonly SoundPolicy[],
  checklist: readonly Check[],
  ownNamespace?: string,
): ActivePolicy {
  const spec = mergeSpecs(policies.map((policy) => policy.spec));
  const rulesByCheck = new Map<Check, ActiveRule[]>(checklist.map((check) => [check, []]));
  for (const { rule, configured } of policies.flatMap(({ rules }) => rules)) {
    rulesByCheck.get(configured.check)?.push(activateRule(rule, configured));
  }
  const byKind = new Map<GroupKind, CheckRules[]>();
  for (const [check, rules] of rulesByCheck) {
    if (rules.length === 0) continue;
    for (const kind of check.kinds) byKind.set(kind, [...(byKind.get(kind) ?? []), { check, rules }]);
  }
  return {
    name: policies.map(({ name }) => name).join(', '),
    checklist,
    tiers: spec.tiers,
    enforceUnknownOwners: spec.enforceUnknownOwners,
    isSystemNamespace: globMatcher([
      ...builtInSystemNamespaces,
      ...spec.systemNamespaces,
      ...(ownNamespace === undefined ? [] : [ownNamespace]),
    ]),
    isOperatorManager: globMatcher(spec.operatorManagers),
    rulesFor: (kind) => byKind.get(kind) ?? [],
    rulesIn: rulesByPlace(byKind),
  };
}

function activateRule(rule: Rule, configured: ConfiguredCheck): ActiveRule {
  return {
    configured,
    // A tier that a rule does not name is Off.
    action: byTier(rule.action, 'Off'),
    match: activateMatch(rule.match ?? {}),
    patch: rule.patch ?? false,
    ratchet: rule.ratchet ?? true,
    onFault: rule.onFault ?? 'Allow',
    whenMissing: byTier(rule.whenMissing, 'Warn'),
    onLastDelete: byTier(rule.onLastDelete, 'Warn'),
  };
}

function byTier<Word extends string>(
  written: Word | Readonly<Partial<Record<Tier, Word>>> | undefined,
  unnamed: Word,
): Readonly<Record<Tier, Word>> {
  const entries = tiers.map((tier): readonly [Tier, Word] => [
    tier,
    typeof written === 'string' ? written : (written?.[tier] ?? unnamed),
  ]);
  return Object.fromEntries(entries) as Record<Tier, Word>;
}

function activateMatch(match: Match): ActiveMatch {
  return {
    namespace: match.namespaces && globMatcher(match.namespaces),
    excludedNamespace: match.excludeNamespaces && globMatcher(match.excludeNamespaces),
    namespaceSelector: match.namespaceSelector,
    objectSelector: match.objectSelector,
    kinds: match.kinds && new Set(match.kinds),
  };
}
