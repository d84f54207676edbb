import { autoscalersOf, scaledObjectBehind, targetOf } from '../../kubernetes/autoscaling.ts';
import { type AutoscalerMetric, metricsOf } from '../../kubernetes/autoscaler-metrics.ts';
import { type ClusterView, unseenKind } from '../../kubernetes/cluster-view.ts';
import { computeResources, type Resource } from '../../kubernetes/effective-resources.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import { type NamedObject, namedObject } from '../../kubernetes/named-objects.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { isNone } from '../../kubernetes/some.ts';
import { type UtilizationGap, utilizationGaps } from '../../kubernetes/utilization-gaps.ts';
import { readWorkload, replicatedKinds, type Workload } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';

const autoscalerKinds = ['keda.sh/ScaledObject', 'autoscaling/HorizontalPodAutoscaler'] as const;
const examples = { cpu: '100m', memory: '128Mi' } as const satisfies Record<Resource, string>;

export const hpaRequests = defineCheck<object>({
  id: 'compute/hpa-requests',
  title: 'What is scaled by utilisation has requests',
  why: 'there is nothing to take a percentage of, so the autoscaler gives up on the metric and never scales',
  prevents: [
    'ScalingActive=False, FailedGetResourceMetric: missing request for cpu in container … of Pod …',
    'FailedGetContainerResourceMetric: container … not present in metrics',
    'a workload that is overrun under an autoscaler',
  ],
  remedy:
    'Set the request of the resource that it scales by on every container, native sidecars included. A limit alone, the default ' +
    'of a LimitRange or a pod-level request (from Kubernetes 1.34) will do. To leave a sidecar out of it, scale by a ' +
    'ContainerResource metric of the main container; a target by averageValue needs no request.',
  severity: 'high',
  kinds: [...replicatedKinds, ...autoscalerKinds],
  reads: {
    'core/LimitRange': 'some',
    'autoscaling.k8s.io/VerticalPodAutoscaler': 'none',
    ...Object.fromEntries([...autoscalerKinds, ...replicatedKinds].map((kind) => [kind, 'none'])),
  },
  params: { schema: { type: 'object', properties: {}, required: [], additionalProperties: false }, defaults: {} },
  *evaluate(subject, _params, view) {
    if (subject.workload === undefined) yield* judgeAutoscaler(subject, view);
    else yield* judgeWorkload(subject.workload, view);
  },
  /** An autoscaler that is not seen matters only to a workload of which it could not take a percentage. */
  unknown({ object, namespace, workload }, _params, view) {
    if (workload === undefined) {
      const { groupKind } = targetOf(object);
      return view.knows(groupKind) === 'all' || findTarget(object, namespace, view) ? undefined : groupKind;
    }
    const unseen = unseenKind(autoscalerKinds, view);
    return unseen !== undefined && !isNone(utilizationGaps(anyMetric, workload, view)) ? unseen : undefined;
  },
});

const anyMetric: readonly AutoscalerMetric[] = computeResources.map((resource) => ({
  pointer: '/spec',
  type: 'Resource',
  resource,
  container: undefined,
  utilization: 80,
}));

function* judgeAutoscaler({ object, namespace }: CheckSubject, view: ClusterView): Iterable<Finding> {
  // What KEDA makes is told where somebody can mend it.
  if (scaledObjectBehind(object) !== undefined) return;
  const target = findTarget(object, namespace, view);
  if (target === undefined) return;
  const named = namedObject(target);
  for (const gap of distinct(utilizationGaps(metricsOf(object), target, view))) {
    const { metric, one, resource, container } = gap;
    yield {
      identity: identityOf(gap),
      path: metric.pointer,
      message:
        one === undefined
          ? `${named} has no container ${JSON.stringify(container)} to scale by`
          : `${nounOf(one)} ${JSON.stringify(container)} of ${named} has no ${resource} request`,
      fix:
        one === undefined
          ? `Name one of its containers: ${namesOf(target)}`
          : `Set resources.requests.${resource} on that container, or aim at an averageValue, which needs no request`,
      // The container is mended in another object, which may be on its way.
      atMost: 'Warn',
    };
  }
}

function findTarget(
  autoscaler: KubernetesObject,
  namespace: string | undefined,
  view: ClusterView,
): Workload | undefined {
  const { groupKind, name } = targetOf(autoscaler);
  const object = typeof name === 'string' ? view.get(groupKind, namespace, name) : undefined;
  return object && readWorkload(object, namespace);
}

function* judgeWorkload(workload: Workload, view: ClusterView): Iterable<Finding> {
  for (const kind of autoscalerKinds) {
    for (const autoscaler of autoscalersOf(workload, kind, view)) {
      if (scaledObjectBehind(autoscaler) !== undefined) continue;
      for (const gap of distinct(utilizationGaps(metricsOf(autoscaler), workload, view)))
        yield describe(gap, { groupKind: kind, name: autoscaler.metadata.name ?? '' }, workload);
    }
  }
}

function describe(gap: UtilizationGap, scaler: NamedObject, workload: Workload): Finding {
  const autoscaler = namedObject(scaler);
  const { one, resource, container } = gap;
  if (one === undefined) {
    return {
      identity: identityOf(gap),
      path: pointerTo(workload.template.pointer, 'spec', 'containers'),
      message: `no container ${JSON.stringify(container)}, by which ${autoscaler} scales it`,
      fix: `Correct the container's name in ${autoscaler}: ${namesOf(workload)}`,
      atMost: 'Warn',
    };
  }
  const instead = one.class === 'sidecar' ? ', or scale by the main container alone (type: ContainerResource)' : '';
  return {
    identity: identityOf(gap),
    path: pointerTo(one.pointer, 'resources', 'requests', resource),
    message: `${nounOf(one)} ${JSON.stringify(container)} has no ${resource} request, and ${autoscaler} scales by it`,
    fix: `Set resources.requests.${resource} to what it normally uses${instead}:\nresources:\n  requests:\n    ${resource}: ${examples[resource]}`,
    restsOn: [scaler],
  };
}

function identityOf({ container, resource }: UtilizationGap): string {
  return `container/${container}/${resource}`;
}

/** Several metrics may miss the same request. */
function distinct(gaps: Iterable<UtilizationGap>): readonly UtilizationGap[] {
  const byIdentity = new Map<string, UtilizationGap>();
  for (const gap of gaps) if (!byIdentity.has(identityOf(gap))) byIdentity.set(identityOf(gap), gap);
  return [...byIdentity.values()];
}

function nounOf({ class: kind }: NonNullable<UtilizationGap['one']>): string {
  return kind === 'sidecar' ? 'sidecar container' : 'container';
}

function namesOf({ template }: Workload): string {
  return template.containers
    .filter((one) => one.class === 'main' || one.class === 'sidecar')
    .map(({ name }) => name)
    .join(', ');
}
