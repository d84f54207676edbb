import { autoscalerKinds, replicaBounds, replicaCeiling } from '../../../kubernetes/autoscaling.ts';
import { type ClusterView, unseenKind } from '../../../kubernetes/cluster-view.ts';
import { at } from '../../../kubernetes/fields.ts';
import { groupKindOf, type KubernetesObject } from '../../../kubernetes/object.ts';
import type { Workload } from '../../../kubernetes/workload.ts';

/**
 * How many replicas a rollout finds at the least.
 * @returns undefined for any number: where it writes none and who else might is not known, or where it is scaled up from 0
 */
export function replicasInRollout(object: KubernetesObject, workload: Workload, view: ClusterView): number | undefined {
  const { declared, worst, autoscaler } = replicaBounds(workload, view);
  if (autoscaler !== undefined && worst === 0 && mayStart(autoscaler, declared)) return undefined;
  if (autoscaler !== undefined || typeof at(object, 'spec', 'replicas') === 'number') return worst;
  return unseenKind(autoscalerKinds, view) === undefined ? worst : undefined;
}

/** KEDA starts what stands at 0, unless it is paused there; of a HorizontalPodAutoscaler that is how it is parked. */
function mayStart(autoscaler: KubernetesObject, declared: number): boolean {
  const isKeda = groupKindOf(autoscaler) === 'keda.sh/ScaledObject';
  return isKeda ? replicaCeiling(autoscaler) > 0 : declared > 0;
}
