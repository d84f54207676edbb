import { autoscalerKinds, replicaBounds, type ScaleTarget } from './autoscaling.ts';
import { selectedTargets, selectsUnscaled } from './budgeted-workloads.ts';
import { type ClusterView, unseenKind } from './cluster-view.ts';
import { allowedDisruptions, type DisruptionBudget } from './disruption-budget.ts';

/** A budget that lets no pod go while all of them are healthy: no drain ever gets past it. */
export interface DrainDeadlock {
  /** `floor`: not at the replicas there are, but once autoscalers have gone down to their minimum. */
  readonly at: 'current' | 'floor';
  /** How many pods there are then; all of them must stay. */
  readonly pods: number;
  /** The workloads they belong to. */
  readonly targets: readonly ScaleTarget[];
}

/**
 * Whether the replicas of the workloads that it selects make a budget a deadlock, as far as they can be told. One that
 * selects nothing, or only workloads scaled to 0, blocks nothing.
 */
export function drainDeadlock(
  budget: DisruptionBudget,
  namespace: string | undefined,
  view: ClusterView,
): DrainDeadlock | undefined {
  // Of a positive maxUnavailable there is always one that may go: percentages round up.
  if (budget.maxUnavailable !== undefined) return undefined;
  const targets = selectedTargets(budget.selector, namespace, view) ?? [];
  let current = 0;
  let floor = 0;
  let isLeftOpen = false;
  for (const target of targets) {
    const { declared, worst, autoscaler } = replicaBounds(target, view);
    // Whoever leaves the number to an autoscaler says nothing about the present.
    if (target.replicas === undefined) {
      if (autoscaler !== undefined) isLeftOpen = true;
      else if (unseenKind(autoscalerKinds, view) !== undefined) return undefined;
    }
    current += Math.max(declared, worst);
    floor += worst;
  }
  const at = !isLeftOpen && holdsAll(budget, current) ? 'current' : holdsAll(budget, floor) ? 'floor' : undefined;
  if (at === undefined || selectsUnscaled(budget.selector, namespace, view)) return undefined;
  return { at, pods: at === 'current' ? current : floor, targets };
}

function holdsAll(budget: DisruptionBudget, pods: number): boolean {
  return pods > 0 && allowedDisruptions(budget, pods) === 0;
}
