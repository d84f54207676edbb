import { holdsAddresses } from '../../kubernetes/address-block.ts';
import { type ClusterView, unseenKind } from '../../kubernetes/cluster-view.ts';
import { at, fields, isFields, list, text } from '../../kubernetes/fields.ts';
import { flowYaml } from '../../kubernetes/flow-yaml.ts';
import { matchesSelector, selectorKeys, selectsAll } from '../../kubernetes/label-selector.ts';
import { selectsNamespace } from '../../kubernetes/namespace-selector.ts';
import type { Direction } from '../../kubernetes/network-isolation.ts';
import { isAnyAddress, readNetworkPolicy, restricts } from '../../kubernetes/network-policy.ts';
import type { GroupKind, KubernetesObject } from '../../kubernetes/object.ts';
import { podBlocks } from '../../kubernetes/pod-blocks.ts';
import { servedKinds, workloadsIn } from '../../kubernetes/served-workloads.ts';
import type { Workload } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { type IgnoreLabels, ignoreLabelsParams, isBeyondTemplates } from '../operator-labels.ts';

const policyKind: GroupKind = 'networking.k8s.io/NetworkPolicy';
const nodeKind: GroupKind = 'core/Node';
const namespaceKind: GroupKind = 'core/Namespace';

export const networkpolicyEffective = defineCheck<IgnoreLabels>({
  id: 'network/networkpolicy-effective',
  title: 'A NetworkPolicy does what its author meant',
  why: 'a rule that fits nothing neither protects nor lets anything through, and nobody is told',
  prevents: [
    'a database that everybody reaches, with a policy beside it',
    'connections that a rule was written for and that time out',
  ],
  remedy:
    'Compare the labels in podSelector with those in the pod template. A podSelector without namespaceSelector means pods of the ' +
    "policy's own namespace; both in one list item must hold, and in two items either. An ipBlock is for what is outside of the cluster.",
  severity: 'medium',
  kinds: [policyKind],
  // While things are being applied much does not fit yet: only what stands still can be judged.
  sources: ['files', 'live'],
  reads: Object.fromEntries([...servedKinds, nodeKind, namespaceKind].map((kind) => [kind, 'none'])),
  params: ignoreLabelsParams,
  *evaluate(subject, { ignoreLabels }, view) {
    yield* looseItems(subject);
    yield* blocksOfPods(subject, view);
    yield* peersNowhere(subject, view);
    if (unseenKind(servedKinds, view) !== undefined) return;
    const workloads = [...workloadsIn(subject.namespace, view)];
    // In a namespace without any workload a policy waits for those that will come.
    if (workloads.length === 0) return;
    const { selects } = readNetworkPolicy(subject.object);
    const selected = workloads.filter(({ template }) => selects(template.labels) !== 'no');
    const podSelector = at(subject.object, 'spec', 'podSelector');
    if (selected.length === 0 && !isBeyondTemplates(selectorKeys(podSelector), ignoreLabels))
      yield describeIdle(subject);
    yield* idlePeers(subject, workloads, ignoreLabels);
    if (selected.length > 0) yield* deadPorts(subject, selected);
  },
  unknown: (_subject, _params, view: ClusterView) => unseenKind(servedKinds, view),
});

function describeIdle({ namespace = '' }: CheckSubject): Finding {
  return {
    identity: 'selector',
    path: '/spec/podSelector',
    message: `podSelector selects no workload in namespace "${namespace}"`,
    fix: 'Correct the labels, or delete the policy if it is for pods that are gone:\npodSelector: {matchLabels: {app: <name>}}',
    atMost: 'Audit',
    pending: true,
  };
}

interface Peer {
  readonly direction: Direction;
  readonly path: string;
  readonly peer: unknown;
  readonly siblings: readonly unknown[];
}

function* peersOf({ object }: CheckSubject): Iterable<Peer> {
  for (const direction of ['ingress', 'egress'] as const) {
    if (!restricts(object, direction)) continue;
    const side = direction === 'ingress' ? 'from' : 'to';
    for (const [index, rule] of list(at(object, 'spec', direction)).entries()) {
      const siblings = list(at(rule, side));
      for (const [place, peer] of siblings.entries())
        yield { direction, path: `/spec/${direction}/${index}/${side}/${place}`, peer, siblings };
    }
  }
}

/** `- podSelector` and `- namespaceSelector: {}` as two items: any pod of any namespace, where one item was meant. */
function* looseItems(subject: CheckSubject): Iterable<Finding> {
  for (const { direction, path, peer, siblings } of peersOf(subject)) {
    const { namespaceSelector, podSelector } = fields(peer);
    if (!selectsAll(namespaceSelector) || isFields(podSelector)) continue;
    const other = siblings.find(
      (one) => isFields(at(one, 'podSelector')) && at(one, 'namespaceSelector') === undefined,
    );
    if (other === undefined) continue;
    yield {
      identity: `loose/${direction}`,
      path,
      message: `namespaceSelector: {} is an item of its own, so ${direction} is open for every pod of the cluster`,
      why: 'the podSelector beside it adds nothing: items of a list are alternatives',
      fix: `Join the two into one item, if pods with these labels are meant:\n- namespaceSelector: {}\n  podSelector: ${flowYaml(at(other, 'podSelector'))}`,
      atMost: 'Audit',
      severity: 'info',
    };
    return;
  }
}

/** Pods are no matter of addresses: each gets another one with every start, and not every plugin compares it. */
function* blocksOfPods(subject: CheckSubject, view: ClusterView): Iterable<Finding> {
  const blocks = ipBlocksOf(subject);
  const ofPods = blocks.length > 0 ? [...podBlocks(view)] : [];
  for (const { direction, path, cidr, except } of blocks) {
    const taken = ofPods.filter(
      (block) => holdsAddresses(cidr, block) && !except.some((one) => holdsAddresses(one, block)),
    );
    const [pods] = taken;
    if (pods === undefined) continue;
    yield {
      identity: `block/${direction}/${cidr}`,
      path: `${path}/cidr`,
      message: `${direction} ${direction === 'ingress' ? 'from' : 'to'} ${cidr} takes in pods of the cluster (${pods})`,
      why: 'whether it holds for them depends on the network plugin (Cilium: never) and on SNAT on the way',
      fix: fixForBlock(cidr, except, taken),
      atMost: 'Warn',
    };
  }
}

/** Each node has a block of its own: of large clusters the author knows the one around them all. */
const fewBlocks = 8;

/** What is excepted must be less than the whole. Source: ValidateIPBlock. */
function fixForBlock(cidr: string, except: readonly unknown[], taken: readonly string[]): string {
  if (taken.some((block) => holdsAddresses(block, cidr)))
    return 'Select pods by label instead of this ipBlock:\n- podSelector: {matchLabels: {app: <name>}}';
  const without = taken.length > fewBlocks ? ['<range of all pods>'] : taken;
  return `Select pods by label, and except the pod range from this ipBlock:\n${flowYaml({ except: [...except, ...without] }).slice(1, -1)}`;
}

interface IpBlock {
  readonly direction: Direction;
  readonly path: string;
  readonly cidr: string;
  readonly except: readonly unknown[];
}

/** But for every address: who writes that means just that, and many do. What it opens is for default-deny to say. */
function ipBlocksOf(subject: CheckSubject): readonly IpBlock[] {
  return [...peersOf(subject)].flatMap(({ direction, path, peer }) => {
    const { cidr, except } = fields(at(peer, 'ipBlock'));
    if (typeof cidr !== 'string' || isAnyAddress(cidr)) return [];
    return [{ direction, path: `${path}/ipBlock`, cidr, except: list(except) }];
  });
}

function* idlePeers(
  subject: CheckSubject,
  workloads: readonly Workload[],
  ignoreLabels: readonly string[],
): Iterable<Finding> {
  for (const { direction, path, peer } of peersOf(subject)) {
    const { namespaceSelector, podSelector } = fields(peer);
    if (!isFields(podSelector) || isFields(namespaceSelector)) continue;
    if (workloads.some(({ template }) => matchesSelector(podSelector, template.labels) !== 'no')) continue;
    if (isBeyondTemplates(selectorKeys(podSelector), ignoreLabels)) continue;
    yield {
      identity: `peer/${direction}/${JSON.stringify(podSelector)}`,
      path: `${path}/podSelector`,
      message: `${direction} names pods that no workload in namespace "${subject.namespace ?? ''}" makes`,
      fix: 'Correct the labels, or name the namespace that the pods are in:\nnamespaceSelector: {matchLabels: {kubernetes.io/metadata.name: <name>}}',
      atMost: 'Audit',
      pending: true,
    };
  }
}

/** Labels of namespaces are each cluster's own, but for the name that the API server gives each as a label. */
function* peersNowhere(subject: CheckSubject, view: ClusterView): Iterable<Finding> {
  if (view.knows(namespaceKind) !== 'all') return;
  for (const { direction, path, peer } of peersOf(subject)) {
    const selector = at(peer, 'namespaceSelector');
    if (!isFields(selector) || selectsAll(selector)) continue;
    const namespaces = [...view.list(namespaceKind)];
    const fits = ({ metadata }: KubernetesObject): boolean =>
      selectsNamespace(selector, metadata.name ?? '', view) !== 'no';
    if (namespaces.length === 0 || namespaces.some(fits)) continue;
    yield {
      identity: `namespace/${direction}/${JSON.stringify(selector)}`,
      path: `${path}/namespaceSelector`,
      message: `no namespace of the cluster has the labels that ${direction} asks for`,
      fix: 'Name the namespace by the label that each has:\nnamespaceSelector: {matchLabels: {kubernetes.io/metadata.name: <name>}}',
      atMost: 'Audit',
      pending: true,
    };
  }
}

/** A named port of an ingress rule is looked up in the pods that the policy selects. */
function* deadPorts({ object }: CheckSubject, selected: readonly Workload[]): Iterable<Finding> {
  if (!restricts(object, 'ingress')) return;
  for (const [index, rule] of list(at(object, 'spec', 'ingress')).entries()) {
    for (const [place, one] of list(at(rule, 'ports')).entries()) {
      const port = text(at(one, 'port'));
      if (port === undefined || selected.some((workload) => declares(workload, port))) continue;
      yield {
        identity: `port/${port}`,
        path: `/spec/ingress/${index}/ports/${place}/port`,
        message: `no pod that the policy selects has a port called "${port}"`,
        why: 'the rule lets nothing in',
        fix: `Write the number, or name the port in the pod template:\nports: [{name: ${port}, containerPort: 8080}]`,
        atMost: 'Audit',
        pending: true,
      };
    }
  }
}

function declares({ template }: Workload, port: string): boolean {
  return template.containers.some(({ container }) => list(container.ports).some((one) => at(one, 'name') === port));
}
