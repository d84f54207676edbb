import { at } from './fields.ts';
import type { KubernetesObject } from './object.ts';

/** How many pods of a workload or DaemonSet are ready, by its status; the API server leaves out a `readyReplicas` of 0. */
export function readyPods(workload: KubernetesObject): number {
  const ready = at(workload, 'status', workload.kind === 'DaemonSet' ? 'numberReady' : 'readyReplicas');
  return typeof ready === 'number' ? ready : 0;
}
