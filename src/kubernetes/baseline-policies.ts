import { flowYaml } from './flow-yaml.ts';
import type { Direction } from './network-isolation.ts';

/** The NetworkPolicies that a namespace starts from, as YAML to paste: deny by default, and let DNS out. */
export function baselinePolicies(namespace: string, directions: readonly Direction[], dns: EgressRule): string {
  const types = directions.map((direction) => (direction === 'ingress' ? 'Ingress' : 'Egress'));
  // One direction gets a name of its own: a policy for the other one is often called default-deny already.
  const name = directions.length === 1 ? `default-deny-${directions[0]}` : 'default-deny';
  const deny = [...head(name, namespace), `spec: ${flowYaml({ podSelector: {}, policyTypes: types })}`];
  const policies = directions.includes('egress') ? [...deny, '---', allowDns(namespace, dns)] : deny;
  return policies.join('\n');
}

/** An item of `spec.egress`. */
export interface EgressRule {
  readonly to: readonly object[];
  readonly ports: readonly object[];
}

/** The policy that lets every pod of the namespace ask for names, as YAML to paste. */
export function allowDns(namespace: string, rule: EgressRule): string {
  return [
    ...head('allow-dns', namespace),
    'spec:',
    '  podSelector: {}',
    '  policyTypes: [Egress]',
    '  egress:',
    `    - to: ${flowYaml(rule.to)}`,
    `      ports: ${flowYaml(rule.ports)}`,
  ].join('\n');
}

/** `spec` of the policy that denies both directions to every pod of its namespace. */
export const denySpec = { podSelector: {}, policyTypes: ['Ingress', 'Egress'] } as const;

/** `spec` of the policy that lets every pod of its namespace ask for names. */
export function dnsSpec(rule: EgressRule): object {
  return { podSelector: {}, policyTypes: ['Egress'], egress: [rule] };
}

function head(name: string, namespace: string): readonly string[] {
  return ['apiVersion: networking.k8s.io/v1', 'kind: NetworkPolicy', `metadata: ${flowYaml({ name, namespace })}`];
}
