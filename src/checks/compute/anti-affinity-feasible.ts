import { replicaBounds, replicaCeiling } from '../../kubernetes/autoscaling.ts';
import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { domainsOf, eligibleNodes } from '../../kubernetes/eligible-nodes.ts';
import { list } from '../../kubernetes/fields.ts';
import { flowYaml } from '../../kubernetes/flow-yaml.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import { mayGetOtherNodes, nodePoolKind } from '../../kubernetes/node-autoscaling.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { concernsItself, type PodAffinityTerm, podAffinityTerms } from '../../kubernetes/pod-affinity.ts';
import { rollingUpdateOf } from '../../kubernetes/rolling-update.ts';
import { isNone } from '../../kubernetes/some.ts';
import { replicatedKinds, type Workload } from '../../kubernetes/workload.ts';
import { defineCheck, type Finding } from '../check.ts';

const hostname = 'kubernetes.io/hostname';
const nodeKind = 'core/Node';

export const antiAffinityFeasible = defineCheck<object>({
  id: 'compute/anti-affinity-feasible',
  title: 'Pods that keep apart have room to',
  why: 'a pod that finds no place without one of its own kind stays Pending, whatever else is free',
  prevents: [
    "FailedScheduling: node(s) didn't match pod anti-affinity rules",
    'a rollout that never ends (ProgressDeadlineExceeded) with one new pod Pending',
  ],
  remedy:
    'Demand only what the nodes can give. A topologySpreadConstraint with ScheduleAnyway spreads as well and yields when it ' +
    'must; matchLabelKeys: [pod-template-hash] in the anti-affinity lets old and new pods of a rollout share a node.',
  severity: 'medium',
  kinds: replicatedKinds,
  reads: {
    [nodeKind]: 'none',
    [nodePoolKind]: 'none',
    'autoscaling/HorizontalPodAutoscaler': 'none',
    'keda.sh/ScaledObject': 'none',
  },
  params: { schema: { type: 'object', properties: {}, required: [], additionalProperties: false }, defaults: {} },
  *evaluate({ object, workload }, _params, view) {
    const terms = ownTerms(workload);
    if (workload === undefined || terms.length === 0 || !knowsNodes(view)) return;
    const nodes = eligibleNodes(workload.template.spec, view);
    for (const term of terms) yield* judgeTerm(term, { object, workload, nodes, view });
  },
  unknown({ workload }, _params, view) {
    return ownTerms(workload).length > 0 && !knowsNodes(view) ? nodeKind : undefined;
  },
});

/** What each term is measured by. */
interface Room {
  readonly object: KubernetesObject;
  readonly workload: Workload;
  /** Where its pods may run at all. */
  readonly nodes: readonly KubernetesObject[];
  readonly view: ClusterView;
}

/** The demands that keep its own pods apart; one that sets groups of them apart by a label (`mismatchLabelKeys`) does not. */
function ownTerms(workload: Workload | undefined): readonly PodAffinityTerm[] {
  if (workload?.template.spec['affinity'] === undefined) return [];
  return podAffinityTerms(workload.template, 'podAntiAffinity').filter(
    (one) =>
      one.required &&
      list(one.term['mismatchLabelKeys']).length === 0 &&
      concernsItself(one, workload.template, workload.namespace) === 'yes',
  );
}

/** Manifests come without Nodes as a rule, complete or not. */
function knowsNodes(view: ClusterView): boolean {
  return view.knows(nodeKind) === 'all' && !isNone(view.list(nodeKind));
}

function* judgeTerm(term: PodAffinityTerm, room: Room): Iterable<Finding> {
  const { object, workload, nodes, view } = room;
  const key = term.topologyKey;
  if (domainsOf(view.list(nodeKind), key).size === 0) {
    yield describeKey(term);
    return;
  }
  const places = domainsOf(nodes, key).size;
  // On a node without the label any number of them may run; no node at all is another finding.
  if (nodes.length === 0 || domainlessNode(nodes, key)) return;
  const most = mostReplicas(workload, view);
  const ceiling = (): Pick<Finding, 'atMost'> =>
    key === hostname && mayGetOtherNodes(nodes, view) ? { atMost: 'Audit' } : {};
  if (most > places) yield { ...describeReplicas(term, most, places), ...ceiling() };
  else if (workload.groupKind === 'apps/Deployment' && key === hostname && !yieldsToRollout(term)) {
    const update = rollingUpdateOf(object, most);
    if (update?.unavailable === 0 && most + update.surge > places)
      yield { ...describeRollout(term, most, update.surge, places), ...ceiling() };
  }
}

function domainlessNode(nodes: readonly KubernetesObject[], key: string): boolean {
  return nodes.some((node) => domainsOf([node], key).size === 0);
}

function mostReplicas(workload: Workload, view: ClusterView): number {
  const { declared, autoscaler } = replicaBounds(workload, view);
  return autoscaler === undefined ? declared : Math.max(declared, replicaCeiling(autoscaler));
}

/** Only pods of the same revision keep apart then. Source: KEP-3633, on by default from 1.31. */
function yieldsToRollout({ term }: PodAffinityTerm): boolean {
  return list(term['matchLabelKeys']).includes('pod-template-hash');
}

function describeKey({ topologyKey, pointer }: PodAffinityTerm): Finding {
  return {
    identity: `topology-key/${topologyKey}`,
    path: pointerTo(pointer, 'topologyKey'),
    message: `keeps its pods apart by ${topologyKey}, a label that no node has`,
    why: 'the rule has no effect, and all of them may run on one node',
    fix: 'Correct topologyKey: kubernetes.io/hostname for nodes, topology.kubernetes.io/zone for zones',
    severity: 'high',
  };
}

function describeReplicas({ topologyKey, pointer, term }: PodAffinityTerm, most: number, places: number): Finding {
  const [one, many] = nounsOf(topologyKey);
  return {
    identity: `replicas/${topologyKey}`,
    path: pointer,
    message: `up to ${most} replicas need ${one} each, and it may use ${places} ${places === 1 ? many.slice(0, -1) : many}`,
    fix: `Replace the anti-affinity by a constraint that yields:\n${spread(topologyKey, term['labelSelector'])}`,
  };
}

function describeRollout(
  { topologyKey, pointer }: PodAffinityTerm,
  most: number,
  surge: number,
  places: number,
): Finding {
  return {
    identity: `rollout/${topologyKey}`,
    path: pointer,
    message: `a rollout needs ${most + surge} nodes (${most} replicas, ${surge} in addition), and it may use ${places}`,
    why: 'the new pod finds no node without an old one, and no old one may stop before it runs',
    fix: 'Let a rollout take one away first, or add matchLabelKeys: [pod-template-hash] to the anti-affinity:\nstrategy:\n  rollingUpdate: {maxSurge: 0, maxUnavailable: 1}',
  };
}

function nounsOf(key: string): readonly [one: string, many: string] {
  if (key === hostname) return ['a node', 'nodes'];
  return key.endsWith('/zone') ? ['a zone', 'zones'] : [`a ${key}`, 'values'];
}

function spread(topologyKey: string, labelSelector: unknown): string {
  return [
    'topologySpreadConstraints:',
    '  - maxSkew: 1',
    `    topologyKey: ${topologyKey}`,
    '    whenUnsatisfiable: ScheduleAnyway',
    `    labelSelector: ${flowYaml(labelSelector)}`,
  ].join('\n');
}
