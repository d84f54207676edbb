import { replicaBounds, targetOf } from '../kubernetes/autoscaling.ts';
import { podLabels, scaleTarget } from '../kubernetes/budgeted-workloads.ts';
import type { ClusterView } from '../kubernetes/cluster-view.ts';
import {
  allowedDisruptions,
  blockingField,
  fewestPods,
  letOneGo,
  readDisruptionBudget,
  settingOf,
} from '../kubernetes/disruption-budget.ts';
import { drainDeadlock } from '../kubernetes/drain-deadlock.ts';
import { at } from '../kubernetes/fields.ts';
import { matchesSelector } from '../kubernetes/label-selector.ts';
import { annotationOf, controllerOf, groupKindOf, type KubernetesObject } from '../kubernetes/object.ts';
import { viewWith } from '../kubernetes/revised-view.ts';
import type { CheckSubject, Finding } from './check.ts';

/** On a budget that is meant to block, with the reason as its value. */
export const allowDrainBlock = 'daytwo.dev/allow-drain-block';

/** Why a budget hurts that only blocks at an autoscaler's minimum. */
export const whyAtFloor = 'whenever it is scaled down, node drains and upgrades wait until it scales up again';

/**
 * The budgets that hold every pod of a workload, told to whoever scales it, by the workload or by its autoscaler. They
 * only ever warn: scaling may be just what an incident needs, and the budget is judged at its own admission.
 */
export function* blockingBudgets(subject: CheckSubject, view: ClusterView): Iterable<Finding> {
  const { object, namespace, groupKind, workload } = subject;
  const world = viewWith(view, object, namespace);
  const scaled = workload === undefined ? targetObject(object, namespace, world) : object;
  if (scaled === undefined) return;
  const wasParked = at(view.get(groupKind, namespace, object.metadata.name ?? ''), 'spec', 'replicas') === 0;
  const labels = podLabels(scaled, namespace, world);
  for (const budget of world.list('policy/PodDisruptionBudget', namespace)) {
    const { selector } = readDisruptionBudget(budget);
    if (matchesSelector(selector, labels) !== 'yes' || isMeant(budget) || hasRoom(budget, scaled, namespace, world))
      continue;
    const finding = describe(budget, subject, world);
    const ofOperator = controllerOf(budget) !== undefined || controllerOf(object) !== undefined;
    if (finding !== undefined) yield { ...finding, atMost: wasParked || ofOperator ? 'Audit' : 'Warn' };
  }
}

function targetObject(
  autoscaler: KubernetesObject,
  namespace: string | undefined,
  world: ClusterView,
): KubernetesObject | undefined {
  const { groupKind, name } = targetOf(autoscaler);
  return typeof name === 'string' ? world.get(groupKind, namespace, name) : undefined;
}

function isMeant(budget: KubernetesObject): boolean {
  return Boolean(annotationOf(budget, allowDrainBlock)?.trim());
}

/**
 * Whether the workload has no pods, or so many that one may go: those of others that the budget counts only add to them.
 * It saves looking at every other workload of the namespace.
 */
function hasRoom(
  budget: KubernetesObject,
  scaled: KubernetesObject,
  namespace: string | undefined,
  world: ClusterView,
): boolean {
  const target = scaleTarget(scaled, groupKindOf(scaled), namespace);
  const { declared, worst } = replicaBounds(target, world);
  if (declared === 0 && worst === 0) return true;
  return allowedDisruptions(readDisruptionBudget(budget), worst) !== 0;
}

function describe(object: KubernetesObject, subject: CheckSubject, world: ClusterView): Finding | undefined {
  const budget = readDisruptionBudget(object);
  const name = object.metadata.name ?? '';
  const named = `PodDisruptionBudget ${subject.namespace}/${name}`;
  const isWorkload = subject.workload !== undefined;
  const shared = {
    identity: `pdb/${name}`,
    path: isWorkload ? '/spec/replicas' : '/spec/minReplicas',
    severity: 'high',
  } as const;
  if (blockingField(budget) !== undefined) {
    // No number of replicas helps here, so it is nothing to tell the author of an autoscaler.
    if (!isWorkload) return undefined;
    const message = `${named} never lets a pod be evicted (${settingOf(budget)})`;
    return { ...shared, message, fix: `${letOneGo(budget)} in ${named}` };
  }
  const deadlock = drainDeadlock(budget, subject.namespace, world);
  if (deadlock === undefined) return undefined;
  const more = (fewestPods(budget) ?? 0) - deadlock.pods;
  const scale =
    isWorkload && deadlock.at === 'current' ? `Run at least ${more} more` : `Raise the autoscaler's minimum by ${more}`;
  const when = deadlock.at === 'current' ? '' : ' at minimum scale';
  return {
    ...shared,
    message: `${named} leaves no pod evictable${when} (${settingOf(budget)} of ${deadlock.pods})`,
    ...(deadlock.at === 'floor' && { why: whyAtFloor }),
    fix: `${scale}, or replace minAvailable by maxUnavailable: 1 in ${named}`,
  };
}
