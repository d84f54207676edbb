import { targetOf } from '../../kubernetes/autoscaling.ts';
import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { at } from '../../kubernetes/fields.ts';
import { namedObject } from '../../kubernetes/named-objects.ts';
import type { GroupKind } from '../../kubernetes/object.ts';
import { replicatedKinds } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { hpaCapacity } from './hpa-capacity.ts';
import { apiServiceKind, hpaMetrics, lacksAdapters } from './hpa-metrics.ts';

const targetKinds: readonly GroupKind[] = [...replicatedKinds, 'apps/ReplicaSet'];

/** Kinds of the API itself that have no scale subresource. */
const unscalable: ReadonlySet<GroupKind> = new Set(['apps/DaemonSet', 'batch/Job', 'batch/CronJob', 'core/Pod']);

export const hpaValidity = defineCheck<object>({
  id: 'compute/hpa-validity',
  title: 'A HorizontalPodAutoscaler can scale its target',
  why: 'the workload keeps its number of pods while the load grows, and nothing but a condition says so',
  prevents: [
    'FailedGetScale (AbleToScale=False: the target does not exist or cannot be scaled)',
    'FailedGetExternalMetric, FailedGetPodsMetric, FailedGetObjectMetric: unable to get metric …',
    'a workload that is overrun at its usual number of pods',
  ],
  remedy:
    'Point scaleTargetRef at a Deployment or StatefulSet of the same namespace, leave room between minReplicas and ' +
    'maxReplicas, and aim at a utilisation that leaves time to start pods (60 to 80 %). Metrics other than cpu and memory ' +
    'need an adapter in the cluster.',
  severity: 'high',
  kinds: ['autoscaling/HorizontalPodAutoscaler'],
  // What stands in the object itself needs none of these; `unknown` speaks up for the rest.
  reads: {
    ...Object.fromEntries(targetKinds.map((kind) => [kind, 'none'])),
    'core/Node': 'none',
    'core/LimitRange': 'none',
    [apiServiceKind]: 'none',
  },
  params: {
    schema: { type: 'object', properties: {}, required: [], additionalProperties: false },
    defaults: {},
  },
  *evaluate(subject, _params, view) {
    yield* judgeTarget(subject, view);
    yield* judgeRange(subject);
    yield* hpaMetrics(subject, view);
    yield* hpaCapacity(subject, view);
  },
  unknown(subject, _params, view) {
    const { groupKind } = targetOf(subject.object);
    if (targetKinds.includes(groupKind) && view.knows(groupKind) !== 'all') return groupKind;
    return lacksAdapters(subject, view) ? apiServiceKind : undefined;
  },
});

function* judgeTarget(subject: CheckSubject, view: ClusterView): Iterable<Finding> {
  const { groupKind, name } = targetOf(subject.object);
  const target = namedObject({ groupKind, name: String(name) }).slice(0, 70);
  if (unscalable.has(groupKind)) yield describeUnscalable(target);
  else if (isMissing(groupKind, name, subject, view)) yield describeMissing(target, subject.namespace);
}

function describeUnscalable(target: string): Finding {
  return {
    identity: 'target-kind',
    path: '/spec/scaleTargetRef/kind',
    message: `is to scale ${target}, a kind that has no replicas to set`,
    why: 'it will never scale anything (FailedGetScale)',
    fix: 'Point it at a Deployment or StatefulSet, or delete it:\nscaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: <name>}',
  };
}

/** The cluster cache holds no ReplicaSets of Deployments and few custom resources: only files can miss one of the others. */
function isMissing(kind: GroupKind, name: unknown, { source, namespace }: CheckSubject, view: ClusterView): boolean {
  if (typeof name !== 'string' || view.knows(kind) !== 'all') return false;
  const isHeld = source === 'files' || replicatedKinds.includes(kind);
  return isHeld && view.get(kind, namespace, name) === undefined;
}

function describeMissing(target: string, namespace: string | undefined): Finding {
  return {
    identity: 'target',
    path: '/spec/scaleTargetRef',
    message: `there is no ${target} in namespace "${namespace}"`,
    why: 'without its target it does nothing (FailedGetScale)',
    fix: 'Correct apiVersion, kind and name of scaleTargetRef, or create its target in the same namespace',
    atMost: 'Warn',
    pending: true,
  };
}

/** That one replica is too few for a tier is left to compute/replicas. */
function* judgeRange({ object, source }: CheckSubject): Iterable<Finding> {
  const [written, max] = [at(object, 'spec', 'minReplicas'), at(object, 'spec', 'maxReplicas')];
  const min = typeof written === 'number' ? written : 1;
  if (min === 0 && source === 'files') yield describeZero();
  if (typeof max !== 'number' || min < max) return;
  yield {
    identity: 'range',
    path: '/spec/maxReplicas',
    message:
      min === max
        ? `minReplicas and maxReplicas are both ${max}, so it never scales`
        : `minReplicas ${min} is above maxReplicas ${max}, which the API server refuses`,
    fix: `Raise maxReplicas to what the workload may need at its peak, for example:\nmaxReplicas: ${Math.max(min, 1) * 2}`,
    atMost: 'Warn',
  };
}

function describeZero(): Finding {
  return {
    identity: 'scale-to-zero',
    path: '/spec/minReplicas',
    message: 'minReplicas: 0 is refused unless the feature gate HPAScaleToZero is on',
    why: 'the gate is alpha and off by default, so the object cannot be applied',
    fix: 'Set minReplicas: 1, or let KEDA scale to zero',
    atMost: 'Warn',
  };
}
