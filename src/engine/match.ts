import type { CheckSubject } from '../checks/check.ts';
import type { ClusterView } from '../kubernetes/cluster-view.ts';
import { fields } from '../kubernetes/fields.ts';
import { matchesSelector } from '../kubernetes/label-selector.ts';
import type { ActiveMatch, ActiveRule, CheckRules } from '../policy/active-policy.ts';

/** The rule that decides for this subject, or undefined where the check has no say in this request. */
export function matchingRule(
  { check, rules }: CheckRules,
  subject: CheckSubject,
  view: ClusterView,
): ActiveRule | undefined {
  if (!(check.operations ?? ['CREATE', 'UPDATE']).includes(subject.operation)) return undefined;
  if (subject.subresource !== undefined && !check.subresources?.includes(subject.subresource)) return undefined;
  const rule = rules.find(({ match }) => matches(match, subject, view));
  return rule === undefined || rule.action[subject.tier] === 'Off' ? undefined : rule;
}

function matches(match: ActiveMatch, subject: CheckSubject, view: ClusterView): boolean {
  const namespace = subject.groupKind === 'core/Namespace' ? subject.object.metadata.name : subject.namespace;
  if (match.kinds !== undefined && !match.kinds.has(subject.groupKind)) return false;
  if (match.namespace !== undefined && (namespace === undefined || !match.namespace(namespace))) return false;
  if (namespace !== undefined && match.excludedNamespace?.(namespace)) return false;
  if (match.objectSelector !== undefined && !selects(match.objectSelector, subject.object.metadata.labels))
    return false;
  if (match.namespaceSelector === undefined) return true;
  if (subject.groupKind === 'core/Namespace') return selects(match.namespaceSelector, subject.object.metadata.labels);
  const known = namespace === undefined ? undefined : view.get('core/Namespace', undefined, namespace);
  return known !== undefined && selects(match.namespaceSelector, known.metadata.labels);
}

function selects(selector: object, labels: unknown): boolean {
  return matchesSelector(selector, fields(labels) as Record<string, string>) === 'yes';
}
