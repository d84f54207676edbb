import type { CheckSubject } from '../checks/check.ts';
import type { ClusterView } from '../kubernetes/cluster-view.ts';
import { fields } from '../kubernetes/fields.ts';
import { matchesSelector } from '../kubernetes/label-selector.ts';
import type { ActivePolicy, ActiveRule, CheckRules } from '../policy/active-policy.ts';

/** The rules that can match this subject, by check and in checklist order. */
export function rulesFor(policy: ActivePolicy, subject: CheckSubject, view: ClusterView): readonly CheckRules[] {
  const { groupKind, namespace: name, object } = subject;
  if (groupKind === 'core/Namespace')
    return policy.rulesIn(groupKind, { name: object.metadata.name, namespace: object });
  const namespace = name === undefined ? undefined : view.get('core/Namespace', undefined, name);
  return policy.rulesIn(groupKind, { name, namespace });
}

/**
 * The rule that decides for this subject, or undefined where the check has no say in this request.
 * @param checkRules one of `rulesFor`
 */
export function matchingRule({ check, rules }: CheckRules, subject: CheckSubject): ActiveRule | undefined {
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
