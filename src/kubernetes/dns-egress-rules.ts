import { holdsAddresses, hostBlock } from './address-block.ts';
import type { EgressRule } from './baseline-policies.ts';
import type { ClusterView } from './cluster-view.ts';
import { at, type Fields, fields, isFields, list, text } from './fields.ts';
import { matchesSelector, selectorKeys } from './label-selector.ts';
import { namespaceName } from './network-isolation.ts';
import { isAnyAddress } from './network-policy.ts';
import type { KubernetesObject } from './object.ts';
import { podBlocks } from './pod-blocks.ts';

/** Who answers questions for names in a cluster, as NetworkPolicies see them. */
export interface DnsServers {
  readonly namespace: string;
  readonly namespaceLabels: Readonly<Record<string, string>>;
  /** Whether those labels are all there are; otherwise a selector by another label may be right. */
  readonly knowsLabels: boolean;
  readonly podLabels: Readonly<Record<string, string>>;
  /** Policies are asked after a Service's address has become that of a pod, so this is the pods' port. */
  readonly port: number;
  /** NodeLocal DNSCache answers on the node's network, where no selector finds it: addresses that must be named. */
  readonly nodeLocal: readonly string[];
  /** The addresses of all pods, as far as the Nodes tell. */
  readonly podBlocks: () => Iterable<string>;
}

export type DnsProtocol = 'UDP' | 'TCP';

/** Where NodeLocal DNSCache answers, unless it was told otherwise. */
export const usualNodeLocalIp = '169.254.20.10';

/** Its DaemonSet: that of the Kubernetes project and of the clouds, and that of Kubespray, which gives it an address of its own. */
const nodeLocalIps: ReadonlyMap<string, string> = new Map([
  ['node-local-dns', usualNodeLocalIp],
  ['nodelocaldns', '169.254.25.10'],
]);

/** OpenShift runs its own, on a port of its own; everywhere else it is kube-dns, whatever the program. */
export function dnsServers(view: ClusterView, nodeLocalIp = usualNodeLocalIp): DnsServers {
  const openShift = view.get('core/Namespace', undefined, openShiftDns);
  const namespace = openShift === undefined ? 'kube-system' : openShiftDns;
  const found = openShift ?? view.get('core/Namespace', undefined, namespace);
  return {
    namespace,
    namespaceLabels: {
      ...(fields(found?.metadata.labels) as Readonly<Record<string, string>>),
      [namespaceName]: namespace,
    },
    knowsLabels: found !== undefined,
    podLabels:
      openShift === undefined ? { 'k8s-app': 'kube-dns' } : { 'dns.operator.openshift.io/daemonset-dns': 'default' },
    port: openShift === undefined ? 53 : 5353,
    nodeLocal: nodeLocalAddresses(nodeLocalIp, view),
    podBlocks: () => podBlocks(view),
  };
}

const openShiftDns = 'openshift-dns';

function nodeLocalAddresses(told: string, view: ClusterView): readonly string[] {
  const cache = [...nodeLocalIps].find(([name]) => view.get('apps/DaemonSet', 'kube-system', name) !== undefined);
  if (cache === undefined) return [];
  const address = text(at(view.get('core/Service', 'kube-system', 'kube-dns'), 'spec', 'clusterIP'));
  const local = told === usualNodeLocalIp ? cache[1] : told;
  return address === undefined || address === 'None' ? [local] : [local, address];
}

/**
 * What the servers are asked through. The rule names their namespace and not the pods, whose labels are each distribution's own;
 * and the cache, which may come later, at its usual address.
 */
export function dnsRule({ namespace, nodeLocal, port }: DnsServers): EgressRule {
  const addresses = nodeLocal.length > 0 || namespace === openShiftDns ? nodeLocal : [usualNodeLocalIp];
  return {
    to: [
      { namespaceSelector: { matchLabels: { [namespaceName]: namespace } } },
      ...addresses.map((address) => ({ ipBlock: { cidr: hostBlock(address) } })),
    ],
    ports: [
      { protocol: 'UDP', port },
      { protocol: 'TCP', port },
    ],
  };
}

/** Whether one of these NetworkPolicies lets its pods ask the servers over this protocol. Allow rules add up. */
export function allowsServers(
  policies: readonly KubernetesObject[],
  protocol: DnsProtocol,
  servers: DnsServers,
  namespace: string,
): boolean {
  return someRule(
    policies,
    (ports) => coversPort(ports, protocol, servers.port),
    (peer, ports) => reachesServers(peer, ports, servers, namespace),
  );
}

/** Whether one of these NetworkPolicies lets its pods ask at this address over UDP. */
export function allowsAddress(policies: readonly KubernetesObject[], address: string): boolean {
  return someRule(
    policies,
    (ports) => coversPort(ports, 'UDP', 53),
    (peer) => {
      const cidr = at(peer, 'ipBlock', 'cidr');
      const excepted = list(at(peer, 'ipBlock', 'except')).some((except) => holdsAddresses(except, address));
      return holdsAddresses(cidr, address) && !excepted;
    },
  );
}

/** @param holds asked about each peer of the rules whose ports fit; a rule that names none is for all */
function someRule(
  policies: readonly KubernetesObject[],
  covers: (ports: readonly unknown[]) => boolean,
  holds: (peer: Fields, ports: readonly unknown[]) => boolean,
): boolean {
  return policies.some((policy) =>
    list(at(policy, 'spec', 'egress')).some((rule) => {
      const peers = list(at(rule, 'to'));
      const ports = list(at(rule, 'ports'));
      return covers(ports) && (peers.length === 0 || peers.some((peer) => holds(fields(peer), ports)));
    }),
  );
}

/** A named port is looked up in the server's pods, whose ports are called dns and dns-tcp by all who ship them. */
function coversPort(ports: readonly unknown[], protocol: DnsProtocol, wanted: number): boolean {
  if (ports.length === 0) return true;
  return ports.map(fields).some((one) => {
    if ((one['protocol'] ?? 'TCP') !== protocol) return false;
    const port = one['port'] ?? undefined;
    if (typeof port === 'string') return port.startsWith('dns');
    if (port === undefined || port === wanted) return true;
    const end = one['endPort'];
    return typeof port === 'number' && typeof end === 'number' && port <= wanted && wanted <= end;
  });
}

function reachesServers(peer: Fields, ports: readonly unknown[], servers: DnsServers, namespace: string): boolean {
  const { ipBlock, namespaceSelector, podSelector } = peer;
  if (isFields(ipBlock)) return mayHoldServers(ipBlock, ports, servers);
  const inside = isFields(namespaceSelector)
    ? matchesSelector(namespaceSelector, servers.namespaceLabels) !== 'no' ||
      (!servers.knowsLabels && asksForOtherLabel(namespaceSelector))
    : namespace === servers.namespace;
  if (!inside) return false;
  // Distributions label the pods each in their own way: a selector that speaks of DNS is believed.
  return (
    !isFields(podSelector) ||
    matchesSelector(podSelector, servers.podLabels) !== 'no' ||
    /dns/i.test(JSON.stringify(podSelector))
  );
}

/** A block with a DNS port of its own was written by someone who knew the addresses; one without is judged by what it leaves out. */
function mayHoldServers(block: Fields, ports: readonly unknown[], servers: DnsServers): boolean {
  const { cidr, except } = block;
  if (isAnyAddress(cidr)) return !leavesOutPods(cidr, list(except), servers);
  return ports.length > 0 && !isLinkLocal(cidr) && !servers.nodeLocal.some((address) => cidr === hostBlock(address));
}

/** Whether none of the addresses that a pod may have is left. Where the Nodes do not tell, it may have any private one. */
function leavesOutPods(cidr: unknown, except: readonly unknown[], servers: DnsServers): boolean {
  // The address of the metadata service is what most leave out, and no pod's.
  const ranges = except.filter((one) => !isLinkLocal(one));
  if (ranges.length === 0) return false;
  const isLeftOut = (block: string): boolean => ranges.some((one) => holdsAddresses(one, block));
  let told = false;
  for (const block of servers.podBlocks()) {
    if (!holdsAddresses(cidr, block)) continue;
    if (!isLeftOut(block)) return false;
    told = true;
  }
  return told || privateBlocks.every(isLeftOut);
}

function isLinkLocal(block: unknown): boolean {
  return typeof block === 'string' && block.startsWith('169.254.');
}

const privateBlocks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'] as const;

function asksForOtherLabel(selector: Fields): boolean {
  return selectorKeys(selector).some((key) => key !== namespaceName);
}
