import { type ClusterView, unseenKind } from './cluster-view.ts';
import { at, type Fields, fields, list } from './fields.ts';
import {
  annotationOf,
  type GroupKind,
  groupKind,
  groupKindOf,
  groupOf,
  type KubernetesObject,
  labelOf,
} from './object.ts';
import type { Resource } from './effective-resources.ts';

/** What an autoscaler points at: a workload, or as much of one as is known. */
export interface ScaleTarget {
  readonly groupKind: GroupKind;
  readonly name: string;
  readonly namespace: string | undefined;
  /** `spec.replicas`; undefined where it is left out or the kind is not scaled by a number. */
  readonly replicas: number | undefined;
}

export interface ReplicaBounds {
  /** What its own spec says. An autoscaler brings it to `worst` at least. */
  readonly declared: number;
  /** The floor to which automation may bring it. */
  readonly worst: number;
  /** The ScaledObject or HorizontalPodAutoscaler that decides; undefined where nobody scales it. */
  readonly autoscaler: KubernetesObject | undefined;
}

/** How many replicas a workload has, and may have at least, with what is known of autoscalers in its namespace. */
export function replicaBounds(target: ScaleTarget, view: ClusterView): ReplicaBounds {
  const declared = target.replicas ?? 1;
  // KEDA first: it makes an HPA of its own for its target, which says less.
  const [scaledObject] = autoscalersOf(target, 'keda.sh/ScaledObject', view);
  if (scaledObject !== undefined) return { declared, worst: kedaFloor(scaledObject), autoscaler: scaledObject };
  const [hpa] = autoscalersOf(target, 'autoscaling/HorizontalPodAutoscaler', view);
  // At 0 replicas an HPA rests (condition ScalingActive=False, reason ScalingDisabled).
  if (hpa !== undefined) return { declared, worst: declared === 0 ? 0 : hpaFloor(hpa), autoscaler: hpa };
  return { declared, worst: declared, autoscaler: undefined };
}

/** The kinds of autoscalers that change how many pods there are. */
export const autoscalerKinds: readonly GroupKind[] = ['autoscaling/HorizontalPodAutoscaler', 'keda.sh/ScaledObject'];

/** The kind of an autoscaler that may stand elsewhere, and decide the number that nobody wrote here. */
export function autoscalerElsewhere(target: ScaleTarget, view: ClusterView): GroupKind | undefined {
  if (target.replicas !== undefined || replicaBounds(target, view).autoscaler !== undefined) return undefined;
  return unseenKind(autoscalerKinds, view);
}

/** The most replicas to which a ScaledObject or HorizontalPodAutoscaler may bring its target; KEDA stops at 100 where nothing is said. */
export function replicaCeiling(autoscaler: KubernetesObject): number {
  const spec = fields(autoscaler['spec']);
  if (groupKindOf(autoscaler) === 'keda.sh/ScaledObject') {
    const paused = pausedAt(autoscaler);
    const most = spec['maxReplicaCount'];
    return paused ?? (typeof most === 'number' ? most : 100);
  }
  return typeof spec['maxReplicas'] === 'number' ? spec['maxReplicas'] : 1;
}

/** What a ScaledObject, HorizontalPodAutoscaler or VerticalPodAutoscaler points at; versions do not matter. */
export function targetOf(autoscaler: KubernetesObject): { readonly groupKind: GroupKind; readonly name: unknown } {
  const { apiVersion, kind, name } = referenceOf(autoscaler);
  // Only KEDA lets its users leave these out, and means a Deployment.
  const group = typeof apiVersion === 'string' ? groupOf(apiVersion) : 'apps';
  return {
    groupKind: groupKind(group === 'extensions' ? 'apps' : group, typeof kind === 'string' ? kind : 'Deployment'),
    name,
  };
}

/**
 * The request that a VerticalPodAutoscaler writes into the workload's new Pods, once it has one to recommend; undefined
 * where none does. Without an update mode it acts. Source: autoscaling.k8s.io/v1.
 */
export function recommendedRequest(
  target: ScaleTarget,
  container: string,
  resource: Resource,
  view: ClusterView,
): unknown {
  for (const vpa of view.list('autoscaling.k8s.io/VerticalPodAutoscaler', target.namespace)) {
    if (at(vpa, 'spec', 'updatePolicy', 'updateMode') === 'Off' || !pointsAt(vpa, target)) continue;
    const recommended = list(at(vpa, 'status', 'recommendation', 'containerRecommendations'));
    const own = recommended.find((one) => fields(one)['containerName'] === container);
    const request = at(own, 'target', resource);
    if (request !== undefined) return request;
  }
  return undefined;
}

/** Its resizes are the answer to a finding, not the cause of one. */
export function isVpaUpdater(user: string | undefined): boolean {
  return user !== undefined && /^system:serviceaccount:[^:]+:vpa-updater$/.test(user);
}

/** The autoscalers of a kind that point at it; one is enough, more of them are another finding. */
export function autoscalersOf(target: ScaleTarget, kind: GroupKind, view: ClusterView): readonly KubernetesObject[] {
  const found: KubernetesObject[] = [];
  for (const autoscaler of view.list(kind, target.namespace)) if (pointsAt(autoscaler, target)) found.push(autoscaler);
  return found;
}

/** The ScaledObject for which KEDA made this HorizontalPodAutoscaler; undefined for one that somebody wrote. */
export function scaledObjectBehind(hpa: KubernetesObject): string | undefined {
  const owner = hpa.metadata.ownerReferences?.find(({ kind }) => kind === 'ScaledObject');
  return owner?.name ?? labelOf(hpa, 'scaledobject.keda.sh/name');
}

/** The field of its spec in which a ScaledObject or HorizontalPodAutoscaler says how many replicas there are at least. */
export function floorField(autoscaler: KubernetesObject): 'minReplicaCount' | 'minReplicas' {
  return groupKindOf(autoscaler) === 'keda.sh/ScaledObject' ? 'minReplicaCount' : 'minReplicas';
}

function pointsAt(autoscaler: KubernetesObject, { groupKind, name }: ScaleTarget): boolean {
  // By name first: nearly all the others of the namespace differ in that.
  return referenceOf(autoscaler)['name'] === name && targetOf(autoscaler).groupKind === groupKind;
}

function referenceOf(autoscaler: KubernetesObject): Fields {
  const spec = fields(autoscaler['spec']);
  return fields(spec['scaleTargetRef'] ?? spec['targetRef']);
}

/** @returns the count it is paused at, or `minReplicaCount`, which is 0 where absent */
function kedaFloor(scaledObject: KubernetesObject): number {
  const paused = pausedAt(scaledObject);
  if (paused !== undefined) return paused;
  const floor = at(scaledObject, 'spec', 'minReplicaCount');
  return typeof floor === 'number' ? floor : 0;
}

function pausedAt(scaledObject: KubernetesObject): number | undefined {
  const paused = Number(annotationOf(scaledObject, 'autoscaling.keda.sh/paused-replicas') ?? Number.NaN);
  return Number.isInteger(paused) ? paused : undefined;
}

function hpaFloor(hpa: KubernetesObject): number {
  const floor = at(hpa, 'spec', 'minReplicas');
  return typeof floor === 'number' ? floor : 1;
}
