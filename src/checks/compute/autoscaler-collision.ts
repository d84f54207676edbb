import {
  autoscalerKinds,
  autoscalersOf,
  scaledObjectBehind,
  type ScaleTarget,
  targetOf,
} from '../../kubernetes/autoscaling.ts';
import { type ClusterView, unseenKind } from '../../kubernetes/cluster-view.ts';
import { matchesSelector } from '../../kubernetes/label-selector.ts';
import { namedObject } from '../../kubernetes/named-objects.ts';
import { annotationOf, type GroupKind, groupKindOf, type KubernetesObject } from '../../kubernetes/object.ts';
import { readWorkload, replicatedKinds, type Workload } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { scaledObjectFaults } from './scaled-object.ts';
import { verticalCollisions, vpaKind } from './vertical-collisions.ts';

const scaledObjectKind: GroupKind = 'keda.sh/ScaledObject';

export const autoscalerCollision = defineCheck<object>({
  id: 'compute/autoscaler-collision',
  title: 'One autoscaler a workload',
  why: 'each undoes what the other has done, so the number of pods swings or stands still',
  prevents: [
    'AmbiguousSelector: pods by selector … are controlled by multiple HPAs',
    "the workload '…' of type '…' is already managed by the hpa '…' (KEDA)",
    'pods that two autoscalers start and stop in turn',
  ],
  remedy:
    'Put all metrics into one HorizontalPodAutoscaler or ScaledObject. A VerticalPodAutoscaler beside it may only recommend ' +
    '(updateMode: "Off"), or leave alone the resource by which the workload is scaled.',
  severity: 'high',
  kinds: autoscalerKinds,
  reads: Object.fromEntries([...autoscalerKinds, vpaKind, ...replicatedKinds].map((kind) => [kind, 'none'])),
  params: { schema: { type: 'object', properties: {}, required: [], additionalProperties: false }, defaults: {} },
  *evaluate(subject, _params, view) {
    const { object, groupKind } = subject;
    if (groupKind === scaledObjectKind) yield* scaledObjectFaults(subject);
    // What KEDA makes of a ScaledObject is told where somebody can mend it.
    const target = scaledObjectBehind(object) === undefined ? readTarget(subject) : undefined;
    if (target === undefined) return;
    yield* ceiled(subject, rivals(object, target, view));
    yield* ceiled(subject, verticalCollisions(object, target, view));
    yield* ceiled(subject, overlaps(object, target, view));
  },
  unknown(subject, _params, view) {
    if (scaledObjectBehind(subject.object) !== undefined) return undefined;
    return unseenKind([...autoscalerKinds, vpaKind], view);
  },
});

/** Two stand side by side for a moment while one takes over from the other. */
function* ceiled({ source }: CheckSubject, findings: Iterable<Finding>): Iterable<Finding> {
  for (const finding of findings)
    yield { ...finding, conflict: true, ...(source === 'admission' && { atMost: 'Warn' }) };
}

function readTarget({ object, namespace }: CheckSubject): ScaleTarget | undefined {
  const { groupKind, name } = targetOf(object);
  return typeof name === 'string' ? { groupKind, name, namespace, replicas: undefined } : undefined;
}

function isItself(one: KubernetesObject, object: KubernetesObject): boolean {
  return one.metadata.name === object.metadata.name && groupKindOf(one) === groupKindOf(object);
}

function named({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.name}`;
}

/** Those that scale the same workload. */
function* rivals(object: KubernetesObject, target: ScaleTarget, view: ClusterView): Iterable<Finding> {
  for (const kind of autoscalerKinds) {
    for (const other of autoscalersOf(target, kind, view)) {
      if (isItself(other, object) || scaledObjectBehind(other) !== undefined || isMeant(object, other)) continue;
      yield {
        identity: `${other.kind}/${other.metadata.name}`,
        path: '/spec/scaleTargetRef',
        message: `${named(other)} scales ${namedObject(target)} too`,
        fix: `Keep one of the two, with the metrics of both: ${named(object)} or ${named(other)}`,
      };
    }
  }
}

/** How KEDA is told to take over an HPA, or to live beside it. Source: keda scaledobject_webhook. */
function isMeant(one: KubernetesObject, other: KubernetesObject): boolean {
  const scaledObject = [one, other].find((each) => groupKindOf(each) === scaledObjectKind);
  if (scaledObject === undefined) return false;
  return (
    annotationOf(scaledObject, 'scaledobject.keda.sh/transfer-hpa-ownership') === 'true' ||
    [one, other].some((each) => annotationOf(each, 'validations.keda.sh/hpa-ownership') === 'false')
  );
}

/** Those of other workloads whose selectors find the same pods: the HPA controller then scales neither. */
function* overlaps(object: KubernetesObject, target: ScaleTarget, view: ClusterView): Iterable<Finding> {
  const workload = find(target, view);
  if (workload === undefined) return;
  for (const kind of autoscalerKinds) {
    for (const other of view.list(kind, target.namespace)) {
      if (isItself(other, object) || scaledObjectBehind(other) !== undefined) continue;
      const { groupKind, name } = targetOf(other);
      if (typeof name !== 'string' || (groupKind === target.groupKind && name === target.name)) continue;
      const neighbour = find({ ...target, groupKind, name }, view);
      if (neighbour !== undefined && sharesPods(workload, neighbour)) yield describeOverlap(workload, neighbour, other);
    }
  }
}

function find({ groupKind, namespace, name }: ScaleTarget, view: ClusterView): Workload | undefined {
  const object = view.get(groupKind, namespace, name);
  return object && readWorkload(object, namespace);
}

function sharesPods(one: Workload, other: Workload): boolean {
  return (
    matchesSelector(one.selector, other.template.labels) === 'yes' ||
    matchesSelector(other.selector, one.template.labels) === 'yes'
  );
}

function describeOverlap(workload: Workload, neighbour: Workload, other: KubernetesObject): Finding {
  return {
    identity: `selector/${other.kind}/${other.metadata.name}`,
    path: '/spec/scaleTargetRef',
    message: `the selectors of ${workload.name} and ${neighbour.name}, which ${named(other)} scales, overlap`,
    why: 'the pods belong to two autoscalers, and neither acts (AmbiguousSelector)',
    fix: 'Give each workload a label of its own, in its selector and pod template (a selector is immutable: create it anew)',
  };
}
