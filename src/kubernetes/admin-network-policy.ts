import { at, type Fields, fields, isFields, list } from './fields.ts';
import { type Match, matchesSelector, selectsAll } from './label-selector.ts';
import type { Direction, Effect, IsolationPolicy, Labels, NamespaceLabels } from './network-isolation.ts';
import { isAnyAddress } from './network-policy.ts';
import type { KubernetesObject } from './object.ts';

/**
 * A ClusterNetworkPolicy, or one of the two kinds that it replaces, as it touches a namespace. They isolate nothing by
 * themselves: only a rule that denies every peer does, where no rule before it settles the matter for all.
 * Source: policy.networking.k8s.io v1alpha1, v1alpha2.
 */
export function readAdminNetworkPolicy(policy: KubernetesObject, namespace: NamespaceLabels): IsolationPolicy {
  const spec = fields(policy['spec']);
  const baseline = policy.kind === 'BaselineAdminNetworkPolicy' || spec['tier'] === 'Baseline';
  return {
    name: `${policy.kind} ${policy.metadata.name ?? ''}`,
    rank: baseline ? 'baseline' : 'admin',
    ingress: effectOf(spec, 'ingress'),
    egress: effectOf(spec, 'egress'),
    selects: (labels) => selects(spec['subject'], namespace, labels),
  };
}

function effectOf(spec: Fields, direction: Direction): Effect {
  const covers = direction === 'ingress' ? comesFromAnyPod : goesToAnyAddress;
  const decisive = list(spec[direction])
    .map(fields)
    .find((rule) => isForAllPorts(rule) && covers(rule));
  return decisive?.['action'] === 'Deny' ? 'isolates' : 'none';
}

function isForAllPorts(rule: Fields): boolean {
  return list(rule['ports']).length === 0 && list(rule['protocols']).length === 0;
}

/** Pods are the only sources that these kinds can name. */
function comesFromAnyPod(rule: Fields): boolean {
  return list(rule['from']).some((peer) => {
    if (selectsAll(at(peer, 'namespaces'))) return true;
    const pods = at(peer, 'pods');
    return isFields(pods) && selectsAll(pods['podSelector']) && selectsAll(pods['namespaceSelector'] ?? {});
  });
}

/** Addresses include those of pods; denying all namespaces alone would leave the way out of the cluster open. */
function goesToAnyAddress(rule: Fields): boolean {
  return list(rule['to']).some((peer) => list(at(peer, 'networks')).some(isAnyAddress));
}

function selects(subject: unknown, namespace: NamespaceLabels, labels: Labels | undefined): Match {
  const pods = at(subject, 'pods');
  if (!isFields(pods)) return matchesSelector(at(subject, 'namespaces'), namespace.labels);
  if (matchesSelector(pods['namespaceSelector'] ?? {}, namespace.labels) === 'no') return 'no';
  if (labels !== undefined) return matchesSelector(pods['podSelector'], labels);
  return selectsAll(pods['podSelector']) ? 'yes' : 'no';
}
