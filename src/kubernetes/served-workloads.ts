import type { ClusterView } from './cluster-view.ts';
import { type Match, matchesLabels } from './label-selector.ts';
import { type GroupKind, groupKindOf } from './object.ts';
import { readWorkload, replicatedKinds, type Workload, workloadKinds } from './workload.ts';

/** A workload whose pods a Service selects, with how sure that is. */
export interface ServedWorkload {
  readonly workload: Workload;
  readonly match: Match;
}

/** The kinds of templates that a cluster view holds. Without them nobody can say what a Service selects. */
export const servedKinds: readonly GroupKind[] = [
  ...replicatedKinds,
  'apps/DaemonSet',
  'apps/ReplicaSet',
  'core/ReplicationController',
  'batch/Job',
  'batch/CronJob',
];

/** The workloads of a namespace that a Service with this selector sends traffic to; Pods too, where the view has them. */
export function servedWorkloads(
  selector: unknown,
  namespace: string | undefined,
  view: ClusterView,
): readonly ServedWorkload[] {
  const served: ServedWorkload[] = [];
  for (const workload of workloadsIn(namespace, view)) {
    const match = matchesLabels(selector, workload.template.labels);
    if (match !== 'no') served.push({ workload, match });
  }
  return served;
}

/** Every workload of a namespace once: what another one makes stands there by that. */
export function* workloadsIn(namespace: string | undefined, view: ClusterView): Iterable<Workload> {
  for (const kind of workloadKinds) {
    for (const object of view.list(kind, namespace)) {
      const workload = readWorkload(object, namespace);
      if (workload !== undefined && !isMadeByWorkload(workload)) yield workload;
    }
  }
}

/** Whether its pods are those of another workload. Operators' own kinds are none: what they make stands for itself. */
export function isMadeByWorkload({ controller }: Workload): boolean {
  return controller !== undefined && workloadKinds.includes(groupKindOf(controller));
}
