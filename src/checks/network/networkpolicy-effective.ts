import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { at, fields, isFields, list, text } from '../../kubernetes/fields.ts';
import { matchesSelector, selectsAll } from '../../kubernetes/label-selector.ts';
import type { Direction } from '../../kubernetes/network-isolation.ts';
import { readNetworkPolicy, restricts } from '../../kubernetes/network-policy.ts';
import type { GroupKind } from '../../kubernetes/object.ts';
import { servedKinds, unseenKind, workloadsIn } from '../../kubernetes/served-workloads.ts';
import type { Workload } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';

const policyKind: GroupKind = 'networking.k8s.io/NetworkPolicy';

export const networkpolicyEffective = defineCheck<object>({
  id: 'network/networkpolicy-effective',
  title: 'A NetworkPolicy does what its author meant',
  why: 'a rule that fits nothing neither protects nor lets anything through, and nobody is told',
  prevents: [
    'a database that everybody reaches, with a policy beside it',
    'connections that a rule was written for and that time out',
  ],
  remedy:
    'Compare the labels in podSelector with those in the pod template. A podSelector without namespaceSelector means pods of the ' +
    "policy's own namespace; both in one list item must hold, and in two items either.",
  severity: 'medium',
  kinds: [policyKind],
  // While things are being applied much does not fit yet: only what stands still can be judged.
  sources: ['files', 'live'],
  reads: Object.fromEntries(servedKinds.map((kind) => [kind, 'none'])),
  params: {
    schema: { type: 'object', properties: {}, required: [], additionalProperties: false },
    defaults: {},
  },
  *evaluate(subject, _params, view) {
    yield* looseItems(subject);
    if (unseenKind(servedKinds, view) !== undefined) return;
    const workloads = [...workloadsIn(subject.namespace, view)];
    // In a namespace without any workload a policy waits for those that will come.
    if (workloads.length === 0) return;
    const { selects } = readNetworkPolicy(subject.object);
    const selected = workloads.filter(({ template }) => selects(template.labels) !== 'no');
    if (selected.length === 0) yield describeIdle(subject);
    yield* idlePeers(subject, workloads);
    if (selected.length > 0) yield* deadPorts(subject, selected);
  },
  unknown: (_subject, _params, view: ClusterView) => unseenKind(servedKinds, view),
});

function describeIdle({ namespace = '' }: CheckSubject): Finding {
  return {
    identity: 'selector',
    path: '/spec/podSelector',
    message: `podSelector selects no workload in namespace "${namespace}"`,
    fix: 'Correct the labels, or select every pod:\npodSelector: {}',
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
      fix: 'Join the two into one item, if pods with these labels are meant:\n- namespaceSelector: {}\n  podSelector: {matchLabels: {app: NAME}}',
      atMost: 'Audit',
      severity: 'info',
    };
    return;
  }
}

function* idlePeers(subject: CheckSubject, workloads: readonly Workload[]): Iterable<Finding> {
  for (const { direction, path, peer } of peersOf(subject)) {
    const { namespaceSelector, podSelector } = fields(peer);
    if (!isFields(podSelector) || isFields(namespaceSelector)) continue;
    if (workloads.some(({ template }) => matchesSelector(podSelector, template.labels) !== 'no')) continue;
    yield {
      identity: `peer/${direction}/${JSON.stringify(podSelector)}`,
      path: `${path}/podSelector`,
      message: `${direction} names pods that no workload in namespace "${subject.namespace ?? ''}" makes`,
      fix: 'Correct the labels, or name the namespace that the pods are in:\nnamespaceSelector: {matchLabels: {kubernetes.io/metadata.name: NAME}}',
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
