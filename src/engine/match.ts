import type { Tier } from '../checks/action.ts';
import type { CheckSubject } from '../checks/check.ts';
import type { ClusterView } from '../kubernetes/cluster-view.ts';
import { fields } from '../kubernetes/fields.ts';
import { matchesSelector } from '../kubernetes/label-selector.ts';
import type { ActivePolicy, ActiveRule, CheckRules } from '../policy/active-policy.ts';

/** The rules that decide for this subject, one for each check that has a say in this request, in checklist order. */
export function decidingRules(policy: ActivePolicy, subject: CheckSubject, view: ClusterView): readonly ActiveRule[] {
  const candidates = rulesFor(policy, subject, view);
  let known = decided.get(candidates);
  if (known === undefined) decided.set(candidates, (known = asksForLabels(candidates) ? 'by label' : {}));
  if (known === 'by label' || subject.subresource !== undefined) return choose(candidates, subject);
  const byTier = (known[subject.operation] ??= {});
  return (byTier[subject.tier] ??= choose(candidates, subject));
}

/** Where no rule asks for a label of the object, the answer is the same for all operations and tiers that are alike. */
const decided = new WeakMap<readonly CheckRules[], Decided | 'by label'>();

type Decided = Partial<Record<CheckSubject['operation'], Partial<Record<Tier, readonly ActiveRule[]>>>>;

function asksForLabels(candidates: readonly CheckRules[]): boolean {
  return candidates.some(({ rules }) => rules.some(({ match }) => match.objectSelector !== undefined));
}

/** The rules that can match this subject, by check. */
function rulesFor(policy: ActivePolicy, subject: CheckSubject, view: ClusterView): readonly CheckRules[] {
  const { groupKind, namespace: name, object } = subject;
  if (groupKind === 'core/Namespace')
    return policy.rulesIn(groupKind, { name: object.metadata.name, namespace: object });
  const namespace = name === undefined ? undefined : view.get('core/Namespace', undefined, name);
  return policy.rulesIn(groupKind, { name, namespace });
}

function choose(candidates: readonly CheckRules[], subject: CheckSubject): readonly ActiveRule[] {
  return candidates.flatMap((candidate) => matchingRule(candidate, subject) ?? []);
}

/** Undefined where the check has no say. */
function matchingRule({ check, rules }: CheckRules, subject: CheckSubject): ActiveRule | undefined {
  if (!check.operations.includes(subject.operation)) return undefined;
  if (subject.subresource !== undefined && !check.subresources.includes(subject.subresource)) return undefined;
  const rule = rules.find(({ match: { objectSelector } }) =>
    objectSelector === undefined ? true : selects(objectSelector, subject.object.metadata.labels),
  );
  return rule === undefined || rule.action[subject.tier] === 'Off' ? undefined : rule;
}

function selects(selector: object, labels: unknown): boolean {
  return matchesSelector(selector, fields(labels) as Record<string, string>) === 'yes';
}
