import { at, list } from '../../kubernetes/fields.ts';
import type { Direction } from '../../kubernetes/network-isolation.ts';
import { type OpenRule, openRule, readNetworkPolicy, restricts } from '../../kubernetes/network-policy.ts';
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
): Iterable<Finding> {
  const selectsAll = readNetworkPolicy(policy).selects() === 'yes';
  for (const direction of open) {
    const rule = openRule(policy, direction);
    if (rule !== undefined && selectsAll) yield describeRule(rule, direction, namespace);
    if (hasIdleRules(policy, direction)) yield describeIdleRules(policy, direction);
  }
}

function describeRule(
  { index, byAddress, metadataExcepted }: OpenRule,
  direction: Direction,
  namespace: string,
): Finding {
  const side = direction === 'ingress' ? 'from' : 'to';
  const peer = byAddress
    ? '{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16]}}'
    : '{podSelector: {matchLabels: {app: NAME}}}';
  return {
    identity: `open/${direction}`,
    path: `/spec/${direction}/${index}`,
    message: `allows all ${direction}${metadataExcepted ? ' but the metadata service' : ''} for every pod in namespace "${namespace}"`,
    why: 'allow rules add up: one that allows everything leaves every other policy of the namespace without effect',
    fix:
      (byAddress ? 'Leave out the addresses of pods and nodes' : 'Name the peers, or delete the rule') +
      `:\n${direction}:\n  - ${side}: [${peer}]`,
    ...(metadataExcepted && { severity: 'info' }),
  };
}

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
