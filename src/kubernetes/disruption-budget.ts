import type { ClusterView } from './cluster-view.ts';
import { at, type Fields, fields } from './fields.ts';
import { flowYaml } from './flow-yaml.ts';
import { resolveIntOrPercent } from './int-or-percent.ts';
import { matchesSelector } from './label-selector.ts';
import type { GroupKind, KubernetesObject } from './object.ts';
import type { PodTemplate } from './pod-template.ts';
import { some } from './some.ts';
import type { Workload } from './workload.ts';

/** `spec` of a policy/v1 PodDisruptionBudget; null reads as absent. */
export interface DisruptionBudget {
  readonly minAvailable: unknown;
  readonly maxUnavailable: unknown;
  readonly selector: unknown;
}

export const budgetKind: GroupKind = 'policy/PodDisruptionBudget';

export function readDisruptionBudget(object: KubernetesObject): DisruptionBudget {
  const { minAvailable, maxUnavailable, selector } = fields(object['spec']);
  return { minAvailable: minAvailable ?? undefined, maxUnavailable: maxUnavailable ?? undefined, selector };
}

/** Whether one may select its pods: a selector that asks for a label which pods get later may well match. */
export function hasBudget(template: PodTemplate, namespace: string | undefined, view: ClusterView): boolean {
  return some(
    view.list(budgetKind, namespace),
    (budget) => matchesSelector(readDisruptionBudget(budget).selector, template.labels) !== 'no',
  );
}

/** How many pods its controller has found under it; undefined before it has looked. */
export function expectedPods(object: KubernetesObject): number | undefined {
  const expected = at(object, 'status', 'expectedPods');
  return typeof expected === 'number' ? expected : undefined;
}

/** What in its own fields rules out every eviction, however many pods there are; undefined where nothing does. */
export function blockingField({
  minAvailable,
  maxUnavailable,
}: DisruptionBudget): 'minAvailable' | 'maxUnavailable' | 'neither' | undefined {
  if (minAvailable === undefined && maxUnavailable === undefined) return 'neither';
  const most = resolveIntOrPercent(maxUnavailable, 100, 'up');
  if (most !== undefined && most <= 0) return 'maxUnavailable';
  const least = typeof minAvailable === 'string' ? resolveIntOrPercent(minAvailable, 100, 'up') : undefined;
  return least !== undefined && least >= 100 ? 'minAvailable' : undefined;
}

/**
 * How many of `expected` pods may be evicted while all of them are healthy: 0 is a deadlock. Percentages of both fields
 * round up, so half of one pod is one pod. Source: pkg/controller/disruption getExpectedPodCount.
 * @returns undefined for a value that the API server would refuse
 */
export function allowedDisruptions(budget: DisruptionBudget, expected: number): number | undefined {
  const { minAvailable, maxUnavailable } = budget;
  if (expected <= 0 || (minAvailable === undefined && maxUnavailable === undefined)) return 0;
  // The API server refuses both fields together; the controller would look at this one first.
  if (maxUnavailable !== undefined) {
    const most = resolveIntOrPercent(maxUnavailable, expected, 'up');
    return most === undefined ? undefined : Math.min(expected, Math.max(0, most));
  }
  const least = resolveIntOrPercent(minAvailable, expected, 'up');
  return least === undefined ? undefined : Math.max(0, expected - least);
}

/** As its author wrote it: `minAvailable: 50%`. */
export function settingOf({ minAvailable, maxUnavailable }: DisruptionBudget): string {
  if (maxUnavailable !== undefined) return `maxUnavailable: ${flowYaml(maxUnavailable)}`;
  return minAvailable === undefined ? 'no number is set' : `minAvailable: ${flowYaml(minAvailable)}`;
}

/** What to do so that one pod may go at any scale. The API server refuses both fields together. */
export function letOneGo({ minAvailable }: DisruptionBudget): string {
  return minAvailable === undefined ? 'Set maxUnavailable: 1' : 'Replace minAvailable by maxUnavailable: 1';
}

/** The largest `minAvailable`, in the form of the given one, that lets one of `expected` pods go. */
export function largestMinAvailable({ minAvailable }: DisruptionBudget, expected: number): number | string {
  if (typeof minAvailable !== 'string') return expected - 1;
  return `${Math.floor(((expected - 1) * 100) / expected)}%`;
}

/** The fewest pods of which a `minAvailable` lets one go; undefined where no number does. */
export function fewestPods({ minAvailable }: DisruptionBudget): number | undefined {
  if (typeof minAvailable === 'number') return minAvailable + 1;
  const percent = resolveIntOrPercent(minAvailable, 100, 'up');
  return percent === undefined || percent >= 100 ? undefined : Math.ceil(100 / (100 - percent));
}

/**
 * The `spec` of a budget for a workload that has none. `maxUnavailable` stays drainable when the workload is scaled to
 * one; the selector is the workload's own, since template labels may carry a hash. Crash-looping pods of a Deployment
 * need no protection, those of a StatefulSet may be the last to hold some data.
 */
export function companionBudget({ groupKind, selector }: Workload, replicas: number): Fields {
  if (groupKind === 'apps/StatefulSet')
    return { selector, maxUnavailable: 1, unhealthyPodEvictionPolicy: 'IfHealthyBudget' };
  return { selector, maxUnavailable: replicas > 10 ? '10%' : 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' };
}
