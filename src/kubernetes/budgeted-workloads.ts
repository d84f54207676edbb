import type { ScaleTarget } from './autoscaling.ts';
import type { ClusterView } from './cluster-view.ts';
import { at, fields } from './fields.ts';
import { matchesSelector } from './label-selector.ts';
import { controllerOf, type GroupKind, type KubernetesObject } from './object.ts';
import { readWorkload, replicatedKinds } from './workload.ts';

const scaledKinds: readonly GroupKind[] = [...replicatedKinds, 'apps/ReplicaSet', 'core/ReplicationController'];
const unscaledKinds: readonly GroupKind[] = ['apps/DaemonSet', 'batch/Job', 'batch/CronJob'];

/** The kinds whose pods a PodDisruptionBudget counts. */
export const budgetedKinds: readonly GroupKind[] = [...scaledKinds, ...unscaledKinds];

/**
 * The workloads in the namespace whose pods the selector of a PodDisruptionBudget selects, by the labels of their
 * templates.
 * @returns undefined where it asks for a label that pods only get later, so that nobody can say
 */
export function selectedTargets(
  selector: unknown,
  namespace: string | undefined,
  view: ClusterView,
): readonly ScaleTarget[] | undefined {
  const targets: ScaleTarget[] = [];
  const lenders = lendersIn(namespace, view);
  for (const groupKind of scaledKinds) {
    for (const object of view.list(groupKind, namespace)) {
      // A ReplicaSet of a Deployment is counted there already, and one of another owner is scaled by that.
      if (!replicatedKinds.includes(groupKind) && controllerOf(object) !== undefined) continue;
      const match = matchesSelector(selector, podLabels(object, namespace, view));
      if (match === 'maybe') return undefined;
      if (match === 'no') continue;
      const target = scaleTarget(object, groupKind, namespace);
      // Once the Rollout has taken over, it is scaled to 0 and has no pods to count.
      if (groupKind !== 'apps/Deployment' || target.replicas !== 0 || !lenders.has(target.name)) targets.push(target);
    }
  }
  return targets;
}

/** Whether it may also select pods of DaemonSets or Jobs, whose number is written nowhere. */
export function selectsUnscaled(selector: unknown, namespace: string | undefined, view: ClusterView): boolean {
  for (const groupKind of unscaledKinds) {
    for (const object of view.list(groupKind, namespace)) {
      const labels = readWorkload(object, namespace)?.template.labels;
      if (labels !== undefined && matchesSelector(selector, labels) !== 'no') return true;
    }
  }
  return false;
}

/** The workloads whose pods it selects although they have no scale: DaemonSets and Jobs. */
export function* selectedUnscaled(
  selector: unknown,
  namespace: string | undefined,
  view: ClusterView,
): Iterable<ScaleTarget> {
  for (const groupKind of unscaledKinds) {
    for (const object of view.list(groupKind, namespace)) {
      const labels = readWorkload(object, namespace)?.template.labels;
      if (labels !== undefined && matchesSelector(selector, labels) === 'yes')
        yield scaleTarget(object, groupKind, namespace);
    }
  }
}

/** As much of a workload as a budget asks for; reading all its containers would cost more than the question. */
export function scaleTarget(
  object: KubernetesObject,
  groupKind: GroupKind,
  namespace: string | undefined,
): ScaleTarget {
  const replicas = at(object, 'spec', 'replicas');
  return {
    groupKind,
    namespace,
    name: object.metadata.name ?? '',
    replicas: typeof replicas === 'number' ? replicas : undefined,
  };
}

/** Those of its template, which a Rollout of Argo may take from a Deployment. */
export function podLabels(
  object: KubernetesObject,
  namespace: string | undefined,
  view: ClusterView,
): Readonly<Record<string, string>> {
  const lender = lenderOf(object);
  return templateLabels((lender !== undefined && view.get('apps/Deployment', namespace, lender)) || object);
}

/** The Deployment of which a Rollout has its template; most have one of their own. */
function lenderOf(object: KubernetesObject): string | undefined {
  const lent = at(object, 'spec', 'workloadRef');
  if (lent === undefined) return undefined;
  const { kind, name } = fields(lent);
  return kind === 'Deployment' && typeof name === 'string' ? name : undefined;
}

/** The names of the Deployments that lend theirs to a Rollout. */
function lendersIn(namespace: string | undefined, view: ClusterView): ReadonlySet<string | undefined> {
  return new Set(Array.from(view.list('argoproj.io/Rollout', namespace), lenderOf));
}

export function templateLabels(object: KubernetesObject): Readonly<Record<string, string>> {
  return fields(at(object, 'spec', 'template', 'metadata', 'labels')) as Record<string, string>;
}
