import { flowYaml } from './flow-yaml.ts';
import type { Direction } from './network-isolation.ts';

/**
 * The NetworkPolicies that a namespace starts from, as YAML to paste: deny by default, and let DNS out. The DNS rule names
 * the namespace and not the pods, and the address of NodeLocal DNSCache, whose pods use the node's network and cannot be selected.
 */
export function baselinePolicies(namespace: string, directions: readonly Direction[]): string {
  const types = directions.map((direction) => (direction === 'ingress' ? 'Ingress' : 'Egress'));
  // One direction gets a name of its own: a policy for the other one is often called default-deny already.
  const name = directions.length === 1 ? `default-deny-${directions[0]}` : 'default-deny';
  const deny = [...head(name, namespace), `spec: ${flowYaml({ podSelector: {}, policyTypes: types })}`];
  const policies = directions.includes('egress') ? [...deny, '---', ...allowDns(namespace)] : deny;
  return policies.join('\n');
}

function allowDns(namespace: string): readonly string[] {
  const kubeSystem = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } };
  const nodeLocal = { ipBlock: { cidr: '169.254.20.10/32' } };
  const ports = ['UDP', 'TCP'].map((protocol) => ({ protocol, port: 53 }));
  return [
    ...head('allow-dns', namespace),
    'spec:',
    '  podSelector: {}',
    '  policyTypes: [Egress]',
    '  egress:',
    `    - to: ${flowYaml([kubeSystem, nodeLocal])}`,
    `      ports: ${flowYaml(ports)}`,
  ];
}

function head(name: string, namespace: string): readonly string[] {
  return ['apiVersion: networking.k8s.io/v1', 'kind: NetworkPolicy', `metadata: ${flowYaml({ name, namespace })}`];
}
