import { at, type Fields, fields, isFields, list } from './fields.ts';
import { type Match, matchesSelector, selectsAll } from './label-selector.ts';
import type { Direction, Effect, IsolationPolicy, Labels, NamespaceLabels } from './network-isolation.ts';
import type { KubernetesObject } from './object.ts';

/**
 * A CiliumNetworkPolicy in its own namespace, or a CiliumClusterwideNetworkPolicy as it touches this one. Rules that
 * select nodes say nothing about pods. Source: cilium.io/v2 Rule.
 */
export function readCiliumPolicy(policy: KubernetesObject, namespace: NamespaceLabels): readonly IsolationPolicy[] {
  const clusterwide = policy.kind === 'CiliumClusterwideNetworkPolicy';
  return [policy['spec'], ...list(policy['specs'])]
    .filter(isFields)
    .filter((rule) => isFields(rule['endpointSelector']))
    .map((rule) => ({
      name: `${policy.kind} ${policy.metadata.name ?? ''}`,
      rank: 'policy',
      ingress: effectOf(rule, 'ingress', clusterwide),
      egress: effectOf(rule, 'egress', clusterwide),
      selects: (labels?: Labels) => selects(rule['endpointSelector'], namespace, labels),
    }));
}

/** A direction with rules, were it only an empty one, is closed to the rest, unless `enableDefaultDeny` says otherwise. */
function effectOf(rule: Fields, direction: Direction, clusterwide: boolean): Effect {
  const allowing = list(rule[direction]);
  const hasRules = allowing.length > 0 || list(rule[`${direction}Deny`]).length > 0;
  if ((at(rule, 'enableDefaultDeny', direction) ?? hasRules) !== true) return 'none';
  return allowing.some((one) => allowsAll(fields(one), direction, clusterwide)) ? 'opens' : 'isolates';
}

function allowsAll(rule: Fields, direction: Direction, clusterwide: boolean): boolean {
  const side = direction === 'ingress' ? 'from' : 'to';
  if (list(rule['toPorts']).length > 0) return false;
  return (
    list(rule[`${side}Entities`]).includes('all') ||
    // Blocks of addresses, were they all of them, never match a pod. In a namespaced policy the empty selector stays within the namespace.
    (clusterwide && list(rule[`${side}Endpoints`]).some(selectsAll))
  );
}

const namespaceKey = 'io.kubernetes.pod.namespace';
const namespaceLabelPrefix = 'io.cilium.k8s.namespace.labels.';

function selects(selector: unknown, { name, labels: ofNamespace }: NamespaceLabels, labels?: Labels): Match {
  const known: Record<string, string> = {};
  const put = (key: string, value: string): void => {
    for (const prefix of sourcePrefixes) known[prefix + key] = value;
  };
  for (const [key, value] of Object.entries(labels ?? {})) put(key, value);
  for (const [key, value] of Object.entries(ofNamespace)) put(namespaceLabelPrefix + key, value);
  put(namespaceKey, name);
  return labels === undefined && asksOfPods(selector) ? 'no' : matchesSelector(selector, known);
}

/** Cilium may name the source of a label in front of its key; that of a pod's labels is `k8s`. */
const sourcePrefixes = ['', 'k8s:', 'any:'] as const;

/** Whether the selector asks for more than the namespace, so that some pod may not fit. */
function asksOfPods(selector: unknown): boolean {
  const keys = Object.keys(fields(at(selector, 'matchLabels')));
  for (const requirement of list(at(selector, 'matchExpressions'))) keys.push(String(at(requirement, 'key')));
  return keys.some((key) => {
    const bare = key.replace(/^(k8s|any):/, '');
    return bare !== namespaceKey && !bare.startsWith(namespaceLabelPrefix);
  });
}
