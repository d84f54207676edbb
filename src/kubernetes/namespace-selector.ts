import type { ClusterView } from './cluster-view.ts';
import { at, fields, isFields, list } from './fields.ts';
import { type Match, matchesSelector } from './label-selector.ts';
import { namespaceLabels, namespaceName } from './network-isolation.ts';

/** Whether a LabelSelector selects a Namespace; `maybe` where that depends on labels of one that the view does not hold. */
export function selectsNamespace(selector: unknown, name: string, view: ClusterView): Match {
  const held = view.get('core/Namespace', undefined, name);
  if (held !== undefined || !isFields(selector))
    return matchesSelector(selector, namespaceLabels(name, held?.metadata.labels ?? {}).labels);
  const labels = Object.entries(fields(selector['matchLabels']));
  const expressions = list(selector['matchExpressions']);
  const byName = {
    matchLabels: Object.fromEntries(labels.filter(([key]) => key === namespaceName)),
    matchExpressions: expressions.filter((one) => at(one, 'key') === namespaceName),
  };
  if (matchesSelector(byName, { [namespaceName]: name }) === 'no') return 'no';
  const asked = Object.keys(byName.matchLabels).length + byName.matchExpressions.length;
  return asked < labels.length + expressions.length ? 'maybe' : 'yes';
}
