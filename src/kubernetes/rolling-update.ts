import { at } from './fields.ts';
import { resolveIntOrPercent } from './int-or-percent.ts';
import type { KubernetesObject } from './object.ts';

/** How many pods a rollout of a Deployment may take away, and add, at a time. */
export interface RollingUpdate {
  readonly unavailable: number;
  readonly surge: number;
}

/**
 * With what API defaulting fills in, for this number of replicas. A Deployment could not move with 0 for both, so the
 * controller takes one pod away then. Source: pkg/controller/deployment/util ResolveFenceposts.
 * @returns undefined for `Recreate`, and for values that the API server would refuse
 */
export function rollingUpdateOf(deployment: KubernetesObject, replicas: number): RollingUpdate | undefined {
  const strategy = at(deployment, 'spec', 'strategy');
  if ((at(strategy, 'type') ?? 'RollingUpdate') !== 'RollingUpdate') return undefined;
  const surge = resolveIntOrPercent(at(strategy, 'rollingUpdate', 'maxSurge') ?? '25%', replicas, 'up');
  const unavailable = resolveIntOrPercent(at(strategy, 'rollingUpdate', 'maxUnavailable') ?? '25%', replicas, 'down');
  if (surge === undefined || unavailable === undefined) return undefined;
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable };
}
