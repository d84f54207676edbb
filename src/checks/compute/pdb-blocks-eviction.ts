import { autoscalerElsewhere } from '../../kubernetes/autoscaling.ts';
import { budgetedKinds, selectedTargets } from '../../kubernetes/budgeted-workloads.ts';
import { type ClusterView, unseenKind } from '../../kubernetes/cluster-view.ts';
import {
  blockingField,
  budgetKind,
  type DisruptionBudget,
  fewestPods,
  largestMinAvailable,
  letOneGo,
  readDisruptionBudget,
  settingOf,
} from '../../kubernetes/disruption-budget.ts';
import { type DrainDeadlock, drainDeadlock } from '../../kubernetes/drain-deadlock.ts';
import { flowYaml } from '../../kubernetes/flow-yaml.ts';
import { namedObject } from '../../kubernetes/named-objects.ts';
import type { GroupKind } from '../../kubernetes/object.ts';
import { replicatedKinds } from '../../kubernetes/workload.ts';
import { allowDrainBlock, blockingBudgets, whyAtFloor } from '../blocking-budgets.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { ceilingOfOwned } from '../owned-budget.ts';

interface Params {
  /** Whether a budget may be refused for the replicas that other objects have just now. */
  denyComputed: boolean;
}

const autoscalerKind = 'autoscaling/HorizontalPodAutoscaler';
const read: readonly GroupKind[] = [budgetKind, ...budgetedKinds, autoscalerKind, 'keda.sh/ScaledObject'];

export const pdbBlocksEviction = defineCheck<Params>({
  id: 'compute/pdb-blocks-eviction',
  title: 'A PodDisruptionBudget lets a pod go',
  why: 'every node drain and upgrade waits on it for ever, and autoscalers cannot remove the nodes',
  prevents: [
    "Cannot evict pod as it would violate the pod's disruption budget. (a drain that never ends)",
    'node upgrades that are stuck, and nodes that an autoscaler cannot remove (pdb prevents pod evictions)',
  ],
  remedy:
    'Prefer maxUnavailable: 1 to minAvailable: it lets one pod go at any scale. Percentages of both fields round up, so ' +
    'minAvailable: 50% of one replica is one. A workload that a person must move by hand says so on its budget, in the ' +
    `annotation ${allowDrainBlock}, with the reason.`,
  severity: 'critical',
  kinds: [budgetKind, ...replicatedKinds, autoscalerKind],
  // What stands in the budget itself needs none of these; `unknown` speaks up for the rest.
  reads: Object.fromEntries(read.map((kind) => [kind, 'none'])),
  allowAnnotation: allowDrainBlock,
  params: {
    schema: {
      type: 'object',
      properties: { denyComputed: { type: 'boolean' } },
      required: [],
      additionalProperties: false,
    },
    defaults: { denyComputed: false },
  },
  *evaluate(subject, params, view) {
    if (subject.groupKind === budgetKind) yield* judgeBudget(subject, params, view);
    else if (unreadKind(view) === undefined) yield* blockingBudgets(subject, view);
  },
  unknown({ groupKind, object, namespace }, _params, view) {
    const unseen = unreadKind(view);
    if (groupKind !== budgetKind) return unseen;
    const budget = readDisruptionBudget(object);
    // Not even the whole world could make a positive maxUnavailable block.
    if (budget.maxUnavailable !== undefined) return undefined;
    const targets = selectedTargets(budget.selector, namespace, view);
    if (unseen !== undefined || targets === undefined) return unseen;
    if (targets.length === 0) return unseenKind(budgetedKinds, view);
    return targets.map((target) => autoscalerElsewhere(target, view)).find((kind) => kind !== undefined);
  },
});

function* judgeBudget(subject: CheckSubject, params: Params, view: ClusterView): Iterable<Finding> {
  const budget = readDisruptionBudget(subject.object);
  const field = blockingField(budget);
  if (field !== undefined) {
    yield { ...describeLiteral(budget, field), ...ceilingOfOwned(subject) };
    return;
  }
  const deadlock = unreadKind(view) === undefined ? drainDeadlock(budget, subject.namespace, view) : undefined;
  if (deadlock !== undefined) yield describeComputed(budget, deadlock, subject, params);
}

/** Replicas counted with half of the world missing would accuse the innocent. */
function unreadKind(view: ClusterView): GroupKind | undefined {
  return read.find((kind) => view.knows(kind) === 'none');
}

function describeLiteral(budget: DisruptionBudget, field: 'minAvailable' | 'maxUnavailable' | 'neither'): Finding {
  return {
    identity: 'literal',
    path: field === 'neither' ? '/spec' : `/spec/${field}`,
    message:
      field === 'neither'
        ? 'neither minAvailable nor maxUnavailable is set, which never lets a pod be evicted'
        : `${field}: ${flowYaml(budget[field])} never lets a pod be evicted`,
    fix: `${letOneGo(budget)}, or give the reason in the annotation ${allowDrainBlock}:\n${yamlFor(budget)}`,
  };
}

function yamlFor({ minAvailable }: DisruptionBudget): string {
  const besides = minAvailable === undefined ? '' : '   # remove minAvailable: the two exclude each other';
  return `spec:\n  maxUnavailable: 1${besides}`;
}

/** So many workloads under one budget are read again before it is refused; more of them do not change all at once. */
const mostConfirmed = 10;

function describeComputed(
  budget: DisruptionBudget,
  deadlock: DrainDeadlock,
  subject: CheckSubject,
  { denyComputed }: Params,
): Finding {
  const { at, pods } = deadlock;
  const kept = `${settingOf(budget)} keeps ${pods === 1 ? 'the only pod' : `all ${pods} pods`} of ${ownerOf(deadlock)}`;
  const otherwise =
    pods === 1 ? `keep at least ${fewestPods(budget)} replicas` : `lower it to ${largestMinAvailable(budget, pods)}`;
  // Helm sends a budget before the Deployment that it fits: until then the replicas are those of the last release.
  const early = at === 'floor' || (subject.source === 'admission' && !denyComputed);
  return {
    identity: at === 'current' ? 'computed' : 'at-minimum',
    path: '/spec/minAvailable',
    message: at === 'current' ? `${kept}, so none can be evicted` : `${kept} at the autoscaler's minimum`,
    ...(at === 'floor' && { why: whyAtFloor }),
    fix: `${letOneGo(budget)}, or ${otherwise}:\n${yamlFor(budget)}`,
    conflict: true,
    ...(early ? { atMost: 'Warn', severity: 'high' } : { restsOn: deadlock.targets.slice(0, mostConfirmed) }),
    ...ceilingOfOwned(subject),
  };
}

function ownerOf({ targets }: DrainDeadlock): string {
  const [first, ...others] = targets;
  if (first === undefined || others.length > 0) return `${targets.length} workloads`;
  return namedObject(first);
}
