import { replicaBounds, unseenAutoscaler } from '../../../kubernetes/autoscaling.ts';
import type { ClusterView } from '../../../kubernetes/cluster-view.ts';
import { at } from '../../../kubernetes/fields.ts';
import type { KubernetesObject } from '../../../kubernetes/object.ts';
import type { Workload } from '../../../kubernetes/workload.ts';

/**
 * How many replicas a rollout finds at the least.
 * @returns undefined where it writes no number and who else might is not known
 */
export function replicasInRollout(object: KubernetesObject, workload: Workload, view: ClusterView): number | undefined {
  const { worst, autoscaler } = replicaBounds(workload, view);
  if (autoscaler !== undefined || typeof at(object, 'spec', 'replicas') === 'number') return worst;
  return unseenAutoscaler(view) === undefined ? worst : undefined;
}
