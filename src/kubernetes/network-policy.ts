import { at, fields, isFields, list } from './fields.ts';
import { matchesSelector, selectsAll } from './label-selector.ts';
import type { Direction, Effect, IsolationPolicy } from './network-isolation.ts';
import type { KubernetesObject } from './object.ts';

/** A rule that lets everything through. */
export interface OpenRule {
  /** Where it stands in `spec.ingress` or `spec.egress`. */
  readonly index: number;
  /** It names every address instead of no peer. */
  readonly byAddress: boolean;
  /** Everything but the cloud's metadata service, which is what hands out credentials. */
  readonly metadataExcepted: boolean;
}

/** A NetworkPolicy of networking.k8s.io, in its own namespace. */
export function readNetworkPolicy(policy: KubernetesObject): IsolationPolicy {
  // The selector is no pointer in the API: null and a missing one are empty too, and select every pod.
  const selector = at(policy, 'spec', 'podSelector') ?? {};
  return {
    name: `NetworkPolicy ${policy.metadata.name ?? ''}`,
    rank: 'policy',
    ingress: effectOf(policy, 'ingress'),
    egress: effectOf(policy, 'egress'),
    selects: (labels) => {
      if (labels !== undefined) return matchesSelector(selector, labels);
      return selectsAll(selector) ? 'yes' : 'no';
    },
  };
}

/**
 * Whether the policy has a say in this direction. Without `policyTypes` the API server fills in Ingress, and Egress only
 * where there are egress rules: an empty list of them isolates nothing. Source: networking/v1 SetDefaults_NetworkPolicy.
 */
export function restricts(policy: KubernetesObject, direction: Direction): boolean {
  const types = list(at(policy, 'spec', 'policyTypes'));
  if (types.length > 0) return types.includes(direction === 'ingress' ? 'Ingress' : 'Egress');
  return direction === 'ingress' || list(at(policy, 'spec', 'egress')).length > 0;
}

/** The first rule of this direction that allows every peer on every port. */
export function openRule(policy: KubernetesObject, direction: Direction): OpenRule | undefined {
  if (!restricts(policy, direction)) return undefined;
  for (const [index, rule] of list(at(policy, 'spec', direction)).entries()) {
    const { ports, [direction === 'ingress' ? 'from' : 'to']: peers } = fields(rule);
    if (list(ports).length > 0) continue;
    if (list(peers).length === 0) return { index, byAddress: false, metadataExcepted: false };
    const everywhere = list(peers)
      .map(exceptionsOfAnyAddress)
      .find((except) => except !== undefined);
    if (everywhere !== undefined) return { index, byAddress: true, metadataExcepted: everywhere.length > 0 };
  }
  return undefined;
}

function effectOf(policy: KubernetesObject, direction: Direction): Effect {
  if (!restricts(policy, direction)) return 'none';
  return openRule(policy, direction) === undefined ? 'isolates' : 'opens';
}

const metadataService: ReadonlySet<unknown> = new Set(['169.254.169.254/32', 'fd00:ec2::254/128']);

/** The exceptions of a peer that is every address; undefined for one that is less, or excludes more than the metadata service. */
function exceptionsOfAnyAddress(peer: unknown): readonly unknown[] | undefined {
  const block = at(peer, 'ipBlock');
  if (!isFields(block) || !isAnyAddress(block['cidr'])) return undefined;
  const except = list(block['except']);
  return except.every((one) => metadataService.has(one)) ? except : undefined;
}

export function isAnyAddress(cidr: unknown): boolean {
  return cidr === '0.0.0.0/0' || cidr === '::/0';
}
