import { allowDns } from '../../kubernetes/baseline-policies.ts';
import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { dnsRule, dnsServers } from '../../kubernetes/dns-egress-rules.ts';
import { at, fields, list } from '../../kubernetes/fields.ts';
import { flowYaml } from '../../kubernetes/flow-yaml.ts';
import type { Direction } from '../../kubernetes/network-isolation.ts';
import {
  isAnyAddress,
  type OpenRule,
  openRule,
  readNetworkPolicy,
  restricts,
} from '../../kubernetes/network-policy.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import type { Finding } from '../check.ts';

/**
 * What is wrong with a NetworkPolicy that leaves its namespace open: a rule that allows everything to every pod, or a
 * direction that its author only thinks is closed.
 * @param open the directions in which the namespace is open with this policy in it
 */
export function* openNetworkPolicy(
  policy: KubernetesObject,
  namespace: string,
  open: readonly Direction[],
  view: ClusterView,
): Iterable<Finding> {
  const selectsAll = readNetworkPolicy(policy).selects() === 'yes';
  for (const direction of open) {
    const rule = openRule(policy, direction);
    if (rule !== undefined && selectsAll) yield describeRule(policy, rule, direction, namespace, view);
    if (hasIdleRules(policy, direction)) yield describeIdleRules(policy, direction);
  }
}

function describeRule(
  policy: KubernetesObject,
  { index, byAddress, metadataExcepted }: OpenRule,
  direction: Direction,
  namespace: string,
  view: ClusterView,
): Finding {
  const side = direction === 'ingress' ? 'from' : 'to';
  const peers = list(at(list(at(policy, 'spec', direction))[index], side));
  const narrowed = byAddress ? flowYaml(peers.map(exceptPrivate)) : '[{podSelector: {matchLabels: {app: <name>}}}]';
  // DNS servers are pods: a rule that is narrowed shuts them out.
  const dns = direction === 'egress' ? `\n---\n${allowDns(namespace, dnsRule(dnsServers(view)))}` : '';
  const cure = byAddress ? 'Except private addresses and the metadata service' : 'Name the peers, or delete the rule';
  return {
    identity: `open/${direction}`,
    path: `/spec/${direction}/${index}`,
    message: `allows all ${direction}${metadataExcepted ? ' but the metadata service' : ''} for every pod in namespace "${namespace}"`,
    why: 'allow rules add up: one that allows everything leaves every other policy of the namespace without effect',
    fix: `${cure}${dns && ', and add a policy that allows DNS'}:\n- ${side}: ${narrowed}${dns}`,
    ...(metadataExcepted && { severity: 'info' }),
  };
}

/** A peer that is every address, without those of pods, nodes and the metadata service; any other as it is. */
function exceptPrivate(peer: unknown): unknown {
  const { ipBlock } = fields(peer);
  const { cidr, except } = fields(ipBlock);
  if (!isAnyAddress(cidr)) return peer;
  const excepted = cidr === '::/0' ? privateAddresses.ipv6 : privateAddresses.ipv4;
  return { ...fields(peer), ipBlock: { cidr, except: [...new Set([...list(except), ...excepted])] } };
}

/** That of the metadata service on AWS is a private one in IPv6. */
const privateAddresses = {
  ipv4: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.169.254/32'],
  ipv6: ['fc00::/7'],
} as const;

/** Rules for a direction that `policyTypes` does not name; `egress: []` shows in files only, the API server drops it. */
function hasIdleRules(policy: KubernetesObject, direction: Direction): boolean {
  const rules = at(policy, 'spec', direction);
  if (!Array.isArray(rules) || restricts(policy, direction)) return false;
  return rules.length > 0 || at(policy, 'spec', 'policyTypes') === undefined;
}

function describeIdleRules(policy: KubernetesObject, direction: Direction): Finding {
  const types = list(at(policy, 'spec', 'policyTypes'));
  const reason =
    types.length > 0 ? `policyTypes names ${types.join()} only` : 'without policyTypes the policy is for Ingress only';
  return {
    identity: `idle/${direction}`,
    path: '/spec/policyTypes',
    message: `spec.${direction} has no effect: ${reason}`,
    why: `its pods stay open for ${direction}, and whoever wrote this believes that they are not`,
    fix: 'Say for which directions the policy is:\npolicyTypes: [Ingress, Egress]',
  };
}
