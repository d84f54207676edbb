import { at } from './fields.ts';
import type { KubernetesObject } from './object.ts';
import type { Workload } from './workload.ts';

/** The ordinal of the first pod of a StatefulSet. */
export function firstOrdinal(statefulSet: KubernetesObject): number {
  const start = at(statefulSet, 'spec', 'ordinals', 'start');
  return typeof start === 'number' ? start : 0;
}

/** The ordinals of its pods, or of the first hundred: nobody waits for the answer about the thousandth pod. */
export function ordinalsOf(statefulSet: KubernetesObject, { replicas = 1 }: Workload): readonly number[] {
  const first = firstOrdinal(statefulSet);
  return Array.from({ length: Math.min(replicas, 100) }, (_, i) => first + i);
}
