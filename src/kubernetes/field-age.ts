import { at } from './fields.ts';
import { managedFieldsOf } from './managed-fields.ts';
import type { KubernetesObject } from './object.ts';

/**
 * When a field was written, at the latest: the time of the manager that owns it, who may have changed other fields since.
 * @param keys the way to the field, `['metadata', 'annotations', 'a/b']`
 * @returns milliseconds since 1970; undefined where no manager of the object owns it, as in a file
 */
export function ownedSince(object: KubernetesObject, ...keys: readonly string[]): number | undefined {
  const path = keys.map((key) => `f:${key}`);
  const times = managedFieldsOf(object)
    .filter((entry) => at(entry['fieldsV1'], ...path) !== undefined)
    .map(({ time }) => Date.parse(String(time)))
    .filter(Number.isFinite);
  return times.length === 0 ? undefined : Math.max(...times);
}
