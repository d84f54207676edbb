import { replicaBounds, replicaCeiling } from '../../kubernetes/autoscaling.ts';
import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { volumeTopology } from '../../kubernetes/csi-topology.ts';
import { at } from '../../kubernetes/fields.ts';
import { flowYaml } from '../../kubernetes/flow-yaml.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import { selectsAll } from '../../kubernetes/label-selector.ts';
import type { GroupKind } from '../../kubernetes/object.ts';
import { concernsItself, podAffinityTerms } from '../../kubernetes/pod-affinity.ts';
import { classOfClaim, storageClassKind } from '../../kubernetes/storage-class.ts';
import { countsItself, type SpreadConstraint, spreadConstraints } from '../../kubernetes/topology-spread.ts';
import { claimTemplates, readClaim } from '../../kubernetes/volume-claim.ts';
import { type Workload, workloadKinds } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { constraintIdentity, strictSpread } from './strict-spread.ts';

const hostname = 'kubernetes.io/hostname';

const read: readonly GroupKind[] = [
  'core/Node',
  storageClassKind,
  'autoscaling/HorizontalPodAutoscaler',
  'keda.sh/ScaledObject',
];

export const topologySpreadValid = defineCheck<object>({
  id: 'storage/topology-spread-valid',
  title: 'Spread constraints do what they say',
  why: 'the scheduler counts pods that are not its own, or none, and all replicas may end in one place',
  prevents: [
    "FailedScheduling: node(s) didn't match pod topology spread constraints",
    "FailedScheduling: … didn't match pod topology spread constraints (missing required label)",
    'all replicas in one zone, in spite of a constraint that forbids it',
  ],
  remedy:
    'Give each constraint the labelSelector of the workload itself and a label that every node has. DoNotSchedule keeps pods ' +
    'Pending where it cannot be met: with nodeTaintsPolicy: Honor it leaves out nodes that the pods cannot use, and with ' +
    'matchLabelKeys: [pod-template-hash] a rollout counts its own pods only.',
  severity: 'high',
  kinds: workloadKinds,
  // What the constraints say of themselves needs none of these.
  reads: Object.fromEntries(read.map((kind) => [kind, 'none'])),
  params: { schema: { type: 'object', properties: {}, required: [], additionalProperties: false }, defaults: {} },
  *evaluate(subject, _params, view) {
    const { workload } = subject;
    if (workload === undefined || isMade(workload)) return;
    const constraints = spreadConstraints(workload.template);
    if (constraints.length === 0) return;
    for (const one of constraints) {
      yield* judgeSelector(one, workload);
      yield* judgeKey(one);
      yield* judgeRevisions(one, subject, workload, view);
      if (one.isStrict) yield* strictSpread(one, subject.object, workload, mostReplicas(workload, view), view);
    }
    yield* redundant(constraints, workload);
  },
  unknown({ workload }, _params, view) {
    const isStrict =
      workload !== undefined && !isMade(workload) && spreadConstraints(workload.template).some((one) => one.isStrict);
    return isStrict && view.knows('core/Node') !== 'all' ? 'core/Node' : undefined;
  },
});

/** What a controller makes of a template that was judged itself, as the others of its kind. */
function isMade({ controller, groupKind }: Workload): boolean {
  return controller !== undefined && ['core/Pod', 'apps/ReplicaSet', 'batch/Job'].includes(groupKind);
}

/** To how many an autoscaler may bring it; undefined for what is not scaled by a number. */
function mostReplicas(workload: Workload, view: ClusterView): number | undefined {
  if (workload.replicas === undefined) return undefined;
  const { declared, autoscaler } = replicaBounds(workload, view);
  return autoscaler === undefined ? declared : Math.max(declared, replicaCeiling(autoscaler));
}

function* judgeSelector(one: SpreadConstraint, workload: Workload): Iterable<Finding> {
  const problem = selectorProblem(one, workload);
  if (problem === undefined) return;
  const own = flowYaml(workload.selector ?? { matchLabels: workload.template.labels });
  yield {
    identity: `${constraintIdentity(one)}/selector`,
    path: pointerTo(one.pointer, 'labelSelector'),
    message: `the spread over ${one.topologyKey} ${problem}`,
    fix: `Let it select the pods of this workload:\nlabelSelector: ${own}`,
    atMost: 'Warn',
    ...(selectsAll(one.labelSelector) && {
      why: 'it evens out the namespace as a whole, and this workload may still end in one place',
      atMost: 'Audit',
      severity: 'info',
    }),
  };
}

function selectorProblem(one: SpreadConstraint, { template }: Workload): string | undefined {
  if ((one.labelSelector ?? undefined) === undefined) return 'has no labelSelector, so it counts no pods';
  if (countsItself(one, template) === 'no') return 'does not select its own pods';
  return selectsAll(one.labelSelector) ? 'counts every pod of the namespace' : undefined;
}

function* judgeKey(one: SpreadConstraint): Iterable<Finding> {
  const level = /^failure-domain\.beta\.kubernetes\.io\/(zone|region)$/.exec(one.topologyKey)?.[1];
  if (level === undefined) return;
  yield {
    identity: `${constraintIdentity(one)}/key`,
    path: pointerTo(one.pointer, 'topologyKey'),
    message: `topologyKey ${one.topologyKey} is the former name of the label`,
    why: 'clouds no longer set it, and nodes without it count as one domain, or as none',
    fix: `Use the label that has taken its place:\ntopologyKey: topology.kubernetes.io/${level}`,
    atMost: 'Warn',
    severity: 'medium',
  };
}

/** `matchLabelKeys` by the revision: a help for Deployments, a trap for StatefulSets with volumes of one zone. */
function* judgeRevisions(
  one: SpreadConstraint,
  { object }: CheckSubject,
  workload: Workload,
  view: ClusterView,
): Iterable<Finding> {
  const path = pointerTo(one.pointer, 'matchLabelKeys');
  const identity = `${constraintIdentity(one)}/revisions`;
  const mixes = one.isStrict && !one.matchLabelKeys.includes('pod-template-hash') && isAtLeast27(view);
  const rolls = workload.groupKind === 'apps/Deployment' && at(object, 'spec', 'strategy', 'type') !== 'Recreate';
  if (mixes && rolls && countsItself(one, workload.template) === 'yes') {
    yield {
      identity,
      path,
      message: `the spread over ${one.topologyKey} counts the old pods too in a rollout`,
      why: 'the new pods keep clear of old ones that are about to go, and are uneven when these are gone',
      fix: 'Count each revision by itself:\nmatchLabelKeys: [pod-template-hash]',
      atMost: 'Audit',
      severity: 'info',
    };
  }
  const byRevision = one.isStrict && one.matchLabelKeys.includes('controller-revision-hash');
  if (byRevision && one.topologyKey.endsWith('/zone') && hasZonalTemplate(object, view)) {
    yield {
      identity,
      path,
      message: `the spread over ${one.topologyKey} counts by revision, and volumes tie its pods to zones`,
      why: 'an updated pod must return to the zone of its volume, which the count of its revision may forbid',
      fix: 'Remove controller-revision-hash from matchLabelKeys',
      atMost: 'Warn',
    };
  }
}

/** A server that is not known is taken for a current one. */
function isAtLeast27({ version }: ClusterView): boolean {
  return version === undefined || version.major > 1 || version.minor >= 27;
}

function hasZonalTemplate(object: CheckSubject['object'], view: ClusterView): boolean {
  return claimTemplates(object).some((template) => {
    const found = classOfClaim(readClaim(template), view);
    return found !== undefined && volumeTopology(found, view).reach === 'zone';
  });
}

function* redundant(constraints: readonly SpreadConstraint[], { template, namespace }: Workload): Iterable<Finding> {
  const constraint = constraints.find(
    (one) => one.topologyKey === hostname && one.maxSkew === 1 && countsItself(one, template) === 'yes',
  );
  const term = podAffinityTerms(template, 'podAntiAffinity').find(
    (one) => one.required && one.topologyKey === hostname && concernsItself(one, template, namespace) === 'yes',
  );
  if (constraint === undefined || term === undefined) return;
  yield {
    identity: `${constraintIdentity(constraint)}/redundant`,
    path: constraint.pointer,
    message: 'required anti-affinity keeps its pods on different nodes already, so this adds nothing',
    why: 'with no two pods on one node there is nothing left to even out, and two rules to keep in mind',
    fix: 'Keep one of the two; the constraint still works with more replicas than nodes',
    atMost: 'Audit',
    severity: 'info',
  };
}
