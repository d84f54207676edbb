import { allowDns } from '../../kubernetes/baseline-policies.ts';
import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import {
  allowsAddress,
  allowsServers,
  dnsRule,
  type DnsServers,
  dnsServers,
  usualNodeLocalIp,
} from '../../kubernetes/dns-egress-rules.ts';
import { fields } from '../../kubernetes/fields.ts';
import { isolationPolicies, type PolicyFamily } from '../../kubernetes/isolation-policies.ts';
import { enumerate, namedObject } from '../../kubernetes/named-objects.ts';
import { type Labels, namespaceLabels } from '../../kubernetes/network-isolation.ts';
import { readNetworkPolicy, restricts } from '../../kubernetes/network-policy.ts';
import type { GroupKind, KubernetesObject } from '../../kubernetes/object.ts';
import { viewWith } from '../../kubernetes/revised-view.ts';
import { servedKinds, workloadsIn } from '../../kubernetes/served-workloads.ts';
import { type Workload, workloadKinds } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';

interface Params {
  /** Where NodeLocal DNSCache answers. */
  nodeLocalIP: string;
}

const policyKind: GroupKind = 'networking.k8s.io/NetworkPolicy';

/** Their rules for DNS are written in other ways: where one has a say about these pods, nothing is said here. */
const otherFamilies: readonly PolicyFamily[] = ['cilium', 'calico', 'antrea', 'anp', 'cnp'];
const otherKinds: readonly GroupKind[] = [
  'cilium.io/CiliumNetworkPolicy',
  'cilium.io/CiliumClusterwideNetworkPolicy',
  'crd.projectcalico.org/NetworkPolicy',
  'crd.projectcalico.org/GlobalNetworkPolicy',
  'crd.antrea.io/ClusterNetworkPolicy',
  'policy.networking.k8s.io/ClusterNetworkPolicy',
  'policy.networking.k8s.io/AdminNetworkPolicy',
  'policy.networking.k8s.io/BaselineAdminNetworkPolicy',
];

export const dnsEgress = defineCheck<Params>({
  id: 'network/dns-egress',
  title: 'Pods with closed egress can ask for names',
  why: 'no name resolves, so every connection fails and it looks as if the database were down',
  prevents: [
    'no such host',
    'lookup … on 10.96.0.10:53: read udp: i/o timeout',
    'Temporary failure in name resolution',
  ],
  remedy:
    'Add a NetworkPolicy that lets every pod of the namespace ask the DNS servers, over UDP and TCP. Where NodeLocal DNSCache runs, ' +
    'name its address too: its pods are on the network of the node, and no selector finds them. On OpenShift the port is 5353.',
  severity: 'high',
  kinds: [policyKind, ...workloadKinds],
  reads: {
    'core/Namespace': 'none',
    'core/Node': 'none',
    'core/Service': 'none',
    [policyKind]: 'some',
    ...Object.fromEntries([...servedKinds, ...otherKinds].map((kind) => [kind, 'none'])),
  },
  params: {
    schema: {
      type: 'object',
      properties: { nodeLocalIP: { type: 'string', minLength: 1 } },
      required: [],
      additionalProperties: false,
    },
    defaults: { nodeLocalIP: usualNodeLocalIp },
  },
  *evaluate(subject, { nodeLocalIP }, view) {
    if (view.knows(policyKind) !== 'all') return;
    const gaps = gapsOf(subject, nodeLocalIP, view);
    if (gaps.length === 0) return;
    const servers = dnsServers(view, nodeLocalIP);
    for (const kind of gapKinds) {
      const without = gaps.filter((gap) => gap.kind === kind);
      if (without.length > 0) yield describeGap(subject, kind, without, servers);
    }
  },
  /** A rule that is found proves a pass; among some files one that is not found proves nothing. */
  unknown(subject, { nodeLocalIP }, view) {
    if (view.knows(policyKind) === 'all') return undefined;
    return gapsOf(subject, nodeLocalIP, view).length > 0 ? policyKind : undefined;
  },
});

const gapKinds = ['dns', 'node-local', 'tcp'] as const;
type GapKind = (typeof gapKinds)[number];

/** Some pods, or all that will come, and what they lack. */
interface Gap {
  readonly kind: GapKind;
  readonly workload: Workload | undefined;
}

function gapsOf(subject: CheckSubject, nodeLocalIp: string, view: ClusterView): readonly Gap[] {
  const { namespace, object, groupKind } = subject;
  if (namespace === undefined || !isConcerned(subject)) return [];
  const after = viewWith(view, object, namespace);
  const closing = [...after.list(policyKind, namespace)].filter((policy) => restricts(policy, 'egress'));
  if (closing.length === 0) return [];
  const pods = groupKind === policyKind ? podsOf(object, namespace, after) : [subject.workload];
  const gaps: Gap[] = [];
  for (const workload of pods) {
    if (workload?.template.spec['hostNetwork'] === true) continue;
    const labels = workload?.template.labels;
    const policies = closing.filter((policy) => readNetworkPolicy(policy).selects(labels) !== 'no');
    if (policies.length === 0 || !isToldHere(subject, policies) || isJudgedElsewhere(namespace, labels, after))
      continue;
    const kind = gapOf(policies, namespace, dnsServers(view, nodeLocalIp));
    if (kind !== undefined) gaps.push({ kind, workload });
  }
  return gaps;
}

/** A workload is told when it comes to policies that are there; among files it is told at the policy itself. */
function isConcerned({ groupKind, object, source, operation, workload }: CheckSubject): boolean {
  if (groupKind === policyKind) return restricts(object, 'egress');
  return (
    source === 'admission' && operation === 'CREATE' && workload !== undefined && workload.controller === undefined
  );
}

/** The workloads that the policy selects; a namespace that is still empty stands for one that will come. */
function podsOf(policy: KubernetesObject, namespace: string, view: ClusterView): readonly (Workload | undefined)[] {
  const { selects } = readNetworkPolicy(policy);
  const workloads = [...workloadsIn(namespace, view)];
  if (workloads.length === 0 && selects() === 'yes') return [undefined];
  return workloads.filter(({ template }) => selects(template.labels) === 'yes');
}

/** Among files, where all policies are at hand, one speaks for the others: the one for all pods, else the first by name. */
function isToldHere({ object, groupKind, source }: CheckSubject, policies: readonly KubernetesObject[]): boolean {
  if (source === 'admission' || groupKind !== policyKind) return true;
  const forAll = policies.filter((policy) => readNetworkPolicy(policy).selects() === 'yes');
  const names = (forAll.length > 0 ? forAll : policies).map(({ metadata }) => metadata.name ?? '');
  return names.toSorted()[0] === object.metadata.name;
}

function isJudgedElsewhere(namespace: string, labels: Labels | undefined, view: ClusterView): boolean {
  const found = view.get('core/Namespace', undefined, namespace);
  const known = namespaceLabels(namespace, fields(found?.metadata.labels) as Labels);
  return isolationPolicies(view, known, otherFamilies).some(
    ({ egress, selects }) => egress !== 'none' && selects(labels) !== 'no',
  );
}

function gapOf(policies: readonly KubernetesObject[], namespace: string, servers: DnsServers): GapKind | undefined {
  if (!allowsServers(policies, 'UDP', servers, namespace)) return 'dns';
  if (servers.nodeLocal.some((address) => !allowsAddress(policies, address))) return 'node-local';
  return allowsServers(policies, 'TCP', servers, namespace) ? undefined : 'tcp';
}

function describeGap(
  { namespace = '', groupKind }: CheckSubject,
  kind: GapKind,
  gaps: readonly Gap[],
  servers: DnsServers,
): Finding {
  const names = gaps.flatMap(({ workload }) => (workload === undefined ? [] : [namedObject(workload)]));
  const shown = names.length > 2 ? [names[0] ?? '', `${names.length - 1} more workloads`] : names;
  const who = shown.length === 0 ? `the pods of namespace "${namespace}"` : enumerate(shown);
  return {
    identity: kind,
    ...(names.length > 0 && { covers: names.map((name) => `${kind}/${name}`) }),
    path: groupKind === policyKind ? '/spec/egress' : '/metadata/namespace',
    atMost: 'Warn',
    pending: true,
    ...texts(kind, who, servers),
    fix: `${fixes[kind]}:\n${allowDns(namespace, dnsRule(servers))}`,
  };
}

const fixes: Readonly<Record<GapKind, string>> = {
  dns: 'Let every pod of the namespace ask the DNS servers',
  'node-local': 'Name the addresses of NodeLocal DNSCache',
  tcp: 'Let DNS out over TCP too',
};

function texts(kind: GapKind, who: string, servers: DnsServers): Pick<Finding, 'message' | 'why' | 'severity'> {
  if (kind === 'dns') return { message: `egress is closed and no policy lets ${who} ask for names` };
  if (kind === 'tcp')
    return {
      message: `DNS is open over UDP only for ${who}`,
      why: 'answers that do not fit into one packet are asked for again over TCP',
      severity: 'info',
    };
  return {
    message: `no policy lets ${who} ask NodeLocal DNSCache at ${servers.nodeLocal.join(' and ')}`,
    why: 'its pods are on the network of the node, so a rule by podSelector or namespaceSelector does not find them',
  };
}
