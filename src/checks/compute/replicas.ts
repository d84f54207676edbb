import { authorSet } from '../../kubernetes/author-intent.ts';
import {
  autoscalerKinds,
  floorField,
  replicaBounds,
  type ReplicaBounds,
  targetOf,
} from '../../kubernetes/autoscaling.ts';
import { type ClusterView, unseenKind } from '../../kubernetes/cluster-view.ts';
import { at } from '../../kubernetes/fields.ts';
import { namedObject } from '../../kubernetes/named-objects.ts';
import {
  annotationOf,
  controllerOf,
  type GroupKind,
  groupKindOf,
  type KubernetesObject,
  labelOf,
} from '../../kubernetes/object.ts';
import { selectingServices, serviceKind } from '../../kubernetes/service.ts';
import { isNone } from '../../kubernetes/some.ts';
import { readWorkload, replicatedKinds, type Workload } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { exclusiveVolume, exclusiveVolumeReads } from '../exclusive-volume.ts';

interface Params {
  /** The fewest replicas that survive the loss of one. */
  minReplicas: number;
}

const hpaKind: GroupKind = 'autoscaling/HorizontalPodAutoscaler';
const kedaKind: GroupKind = 'keda.sh/ScaledObject';
/** With the reason as its value: there can or shall be only one. */
const singleton = 'daytwo.dev/singleton';

export const replicas = defineCheck<Params>({
  id: 'compute/replicas',
  title: 'Workloads run more than one replica',
  why: 'it is gone for the length of every node drain, eviction and crash',
  prevents: [
    'an outage for each node upgrade, although nothing was broken',
    'a failed node that takes the whole service with it',
  ],
  remedy:
    "Run two replicas at least, also at the autoscaler's minimum. What can only run once says so in the annotation " +
    `${singleton}, with the reason; a Deployment with strategy Recreate and a volume for one node is taken at its word.`,
  severity: 'high',
  kinds: [...replicatedKinds, hpaKind],
  reads: {
    [hpaKind]: 'some',
    [kedaKind]: 'some',
    ...Object.fromEntries([serviceKind, ...replicatedKinds, ...exclusiveVolumeReads].map((kind) => [kind, 'none'])),
  },
  allowAnnotation: singleton,
  params: {
    schema: {
      type: 'object',
      properties: { minReplicas: { type: 'integer', minimum: 1 } },
      required: [],
      additionalProperties: false,
    },
    defaults: { minReplicas: 2 },
  },
  *evaluate(subject, params, view) {
    const { workload } = subject;
    if (workload === undefined) {
      yield* judgeAutoscaler(subject, params, view);
      return;
    }
    const bounds = tooFew(subject, workload, params, view);
    if (bounds !== undefined && unseenBehind(bounds, workload, view) === undefined)
      yield describe(subject, workload, bounds, params, view);
  },
  /** An autoscaler elsewhere may keep more of them, and what scales to 0 may do so where no Service asks for it. */
  unknown(subject, params, view) {
    const { workload } = subject;
    const bounds = workload && tooFew(subject, workload, params, view);
    return workload && bounds && unseenBehind(bounds, workload, view);
  },
});

/** @returns undefined where there are enough, none at all, or no more than one can be */
function tooFew(
  { object }: CheckSubject,
  workload: Workload,
  { minReplicas }: Params,
  view: ClusterView,
): ReplicaBounds | undefined {
  const bounds = replicaBounds(workload, view);
  const { declared, worst, autoscaler } = bounds;
  const scalesToZero = worst === 0 && autoscaler !== undefined && groupKindOf(autoscaler) === kedaKind;
  const isParked = scalesToZero ? isPaused(autoscaler) : worst === 0 && declared === 0;
  if (worst >= minReplicas || isParked) return undefined;
  if (scalesToZero && view.knows(serviceKind) === 'all' && !isServed(workload, view)) return undefined;
  return runsOnce(object, workload, view) ? undefined : bounds;
}

/** Whether no second pod could have the volume, or its author lets go of it before the next one starts. */
function runsOnce(object: KubernetesObject, { template, namespace }: Workload, view: ClusterView): boolean {
  const volume = exclusiveVolume(template, namespace, view);
  return volume === 'pod' || (volume === 'node' && at(object, 'spec', 'strategy', 'type') === 'Recreate');
}

/** Of what too little is known to blame anyone. */
function unseenBehind(
  { autoscaler, worst }: ReplicaBounds,
  workload: Workload,
  view: ClusterView,
): GroupKind | undefined {
  if (autoscaler === undefined) return unseenKind(autoscalerKinds, view);
  return worst === 0 && view.knows(serviceKind) !== 'all' && !isServed(workload, view) ? serviceKind : undefined;
}

function isPaused(scaledObject: KubernetesObject): boolean {
  return annotationOf(scaledObject, 'autoscaling.keda.sh/paused-replicas') === '0';
}

function isServed({ template, namespace }: Workload, view: ClusterView): boolean {
  return !isNone(selectingServices(template.labels, namespace, view));
}

function describe(
  subject: CheckSubject,
  workload: Workload,
  { autoscaler, worst }: ReplicaBounds,
  { minReplicas }: Params,
  view: ClusterView,
): Finding {
  const by = autoscaler && namedObject({ groupKind: groupKindOf(autoscaler), name: autoscaler.metadata.name ?? '' });
  // Whoever leaves leader election to one replica knows why; nobody calls it meanwhile.
  const isQuiet = view.knows(serviceKind) === 'all' && !isServed(workload, view);
  return {
    identity: 'replicas',
    path: '/spec/replicas',
    message: by ? `may be scaled down to ${count(worst)} by ${by}` : `runs ${count(worst)}, fewer than ${minReplicas}`,
    fix: by ? `Set ${floorField(autoscaler)}: ${minReplicas} in ${by}` : adviseReplicas(workload, minReplicas),
    ...whyFew(worst),
    ...(isQuiet && { severity: 'low' }),
    ...ceilingOf(subject, workload, autoscaler),
  };
}

/** A second pod of a StatefulSet may be a second database, and an empty one: only its author knows whether they replicate. */
function adviseReplicas({ groupKind }: Workload, minReplicas: number): string {
  return groupKind === 'apps/StatefulSet'
    ? `Say why one is enough in the annotation ${singleton}, or run ${minReplicas} that replicate:\nmetadata:\n  annotations: {${singleton}: "<why one is enough>"}`
    : `Run ${minReplicas}, or say why one is enough in the annotation ${singleton}:\nspec:\n  replicas: ${minReplicas}`;
}

/** The check's own reason is that of a single one. */
function whyFew(replicas: number): Pick<Finding, 'why'> {
  if (replicas === 0) return { why: 'it has no pod at all while it is scaled down, and requests fail' };
  return replicas > 1 ? { why: 'while one is drained or crashes, fewer are left than this policy wants' } : {};
}

/** An operator knows how many it makes, an autoscaler is mended elsewhere, and one may come after a number that nobody wrote. */
function ceilingOf(
  { object, source }: CheckSubject,
  { controller }: Workload,
  autoscaler: KubernetesObject | undefined,
): Pick<Finding, 'atMost'> {
  if (controller !== undefined) return { atMost: 'Audit' };
  const mayComeLater = source === 'admission' && authorSet(object, '/spec/replicas', source) !== 'yes';
  return autoscaler !== undefined || mayComeLater ? { atMost: 'Warn' } : {};
}

/** Seen from a HorizontalPodAutoscaler: the floor that it sets. The one that KEDA makes says what its ScaledObject says. */
function* judgeAutoscaler(
  { object, namespace, source }: CheckSubject,
  { minReplicas }: Params,
  view: ClusterView,
): Iterable<Finding> {
  const written = at(object, 'spec', 'minReplicas');
  const floor = typeof written === 'number' ? written : 1;
  const { groupKind, name } = targetOf(object);
  const isOfKeda =
    labelOf(object, 'scaledobject.keda.sh/name') !== undefined || controllerOf(object)?.kind === 'ScaledObject';
  if (floor >= minReplicas || isOfKeda || !replicatedKinds.includes(groupKind) || typeof name !== 'string') return;
  const target = view.get(groupKind, namespace, name);
  if (target !== undefined && (at(target, 'spec', 'replicas') === 0 || isSingleton(target, namespace, view))) return;
  yield {
    identity: 'minReplicas',
    path: '/spec/minReplicas',
    message: `may scale ${namedObject({ groupKind, name })} down to ${count(floor)}`,
    fix: `Keep ${minReplicas} at the least, or say why one is enough in the annotation ${singleton}:\nspec:\n  minReplicas: ${minReplicas}`,
    ...whyFew(floor),
    // It may be one of a kind that says so itself, and comes next.
    ...(target === undefined && source === 'admission' && { atMost: 'Warn' }),
  };
}

function isSingleton(target: KubernetesObject, namespace: string | undefined, view: ClusterView): boolean {
  const workload = readWorkload(target, namespace);
  const saysSo = Boolean(annotationOf(target, singleton)?.trim());
  return saysSo || (workload !== undefined && runsOnce(target, workload, view));
}

function count(replicas: number): string {
  return `${replicas} ${replicas === 1 ? 'replica' : 'replicas'}`;
}
