import { at, type Fields, fields, list } from './fields.ts';
import type { KubernetesObject } from './object.ts';

/** The condition of that type in an object's status; there is at most one. Source: meta/v1 Condition. */
export function conditionOf(object: KubernetesObject, type: string): Fields | undefined {
  return list(at(object, 'status', 'conditions'))
    .map(fields)
    .find((one) => one['type'] === type);
}

export function isTrue(condition: Fields | undefined): boolean {
  return condition?.['status'] === 'True';
}
