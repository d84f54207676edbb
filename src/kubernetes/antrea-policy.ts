import { at, type Fields, fields, isFields, list } from './fields.ts';
import { type Match, matchesSelector, selectsAll } from './label-selector.ts';
import type { Direction, Effect, IsolationPolicy, Labels, NamespaceLabels } from './network-isolation.ts';
import type { KubernetesObject } from './object.ts';

/**
 * Antrea's ClusterNetworkPolicy as it touches a namespace. Being selected isolates nothing: a rule must drop everything.
 * Groups are not followed: a policy that applies to one selects nothing here. Source: crd.antrea.io/v1beta1.
 */
export function readAntreaPolicy(policy: KubernetesObject, namespace: NamespaceLabels): IsolationPolicy {
  const spec = fields(policy['spec']);
  return {
    name: `Antrea ClusterNetworkPolicy ${policy.metadata.name ?? ''}`,
    rank: String(spec['tier']).toLowerCase() === 'baseline' ? 'baseline' : 'admin',
    ingress: effectOf(spec, 'ingress'),
    egress: effectOf(spec, 'egress'),
    selects: (labels) => {
      const matches = list(spec['appliedTo']).map((target) => selects(target, namespace, labels));
      return matches.find((match) => match === 'yes') ?? matches.find((match) => match === 'maybe') ?? 'no';
    },
  };
}

const narrowing = ['from', 'to', 'ports', 'protocols', 'toServices', 'l7Protocols'] as const;

/** Rules are asked in order: the first one without peers and ports decides for what is left. */
function effectOf(spec: Fields, direction: Direction): Effect {
  const decisive = list(spec[direction])
    .map(fields)
    .find((rule) => narrowing.every((field) => list(rule[field]).length === 0));
  return decisive?.['action'] === 'Drop' || decisive?.['action'] === 'Reject' ? 'isolates' : 'none';
}

function selects(target: unknown, namespace: NamespaceLabels, labels: Labels | undefined): Match {
  const [ofNamespaces, ofPods] = [at(target, 'namespaceSelector'), at(target, 'podSelector')];
  if (!isFields(ofNamespaces) && !isFields(ofPods)) return 'no';
  if (matchesSelector(ofNamespaces ?? {}, namespace.labels) === 'no') return 'no';
  if (labels !== undefined) return matchesSelector(ofPods ?? {}, labels);
  return selectsAll(ofPods ?? {}) ? 'yes' : 'no';
}
