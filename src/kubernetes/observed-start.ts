import { conditionOf, isTrue } from './conditions.ts';
import { at, fields, list } from './fields.ts';
import type { KubernetesObject } from './object.ts';

/** How a container of a running Pod has fared. */
export interface ObservedStart {
  readonly restarts: number;
  /** Seconds from its start until the Pod was ready; undefined while it is not. */
  readonly readyAfter: number | undefined;
}

/** @returns undefined for a Pod without a status, such as one in a file */
export function observedStart(pod: KubernetesObject, container: string): ObservedStart | undefined {
  const statuses = [
    ...list(at(pod, 'status', 'containerStatuses')),
    ...list(at(pod, 'status', 'initContainerStatuses')),
  ];
  const status = statuses.map(fields).find(({ name }) => name === container);
  if (status === undefined) return undefined;
  const ready = conditionOf(pod, 'Ready');
  const startedAt = seconds(at(status['state'], 'running', 'startedAt'));
  const readyAt = isTrue(ready) ? seconds(ready?.['lastTransitionTime']) : Number.NaN;
  const restarts = status['restartCount'];
  return {
    restarts: typeof restarts === 'number' ? restarts : 0,
    readyAfter: readyAt >= startedAt ? readyAt - startedAt : undefined,
  };
}

function seconds(time: unknown): number {
  return typeof time === 'string' ? Date.parse(time) / 1000 : Number.NaN;
}
