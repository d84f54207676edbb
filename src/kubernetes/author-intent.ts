import { fields, isFields, own } from './fields.ts';
import { pointerKeys, valueAt } from './json-pointer.ts';
import { managedFieldsOf } from './managed-fields.ts';
import { annotationOf, type KubernetesObject } from './object.ts';
import { parseJson } from './parse-json.ts';
import { rememberLast } from './remember-last.ts';

/**
 * Whether the author wrote a field, or the API server filled it in. A file answers exactly. Elsewhere defaults are in
 * the object already, so only a trace of the author's own text can tell them apart: what `kubectl apply` keeps in an
 * annotation, or the fields that a server-side apply owns. `kubectl create` and most clients leave no such trace.
 *
 * @param pointer through maps only: managedFields name the items of a list by their keys, not by index
 */
export function authorSet(
  object: KubernetesObject,
  pointer: string,
  source: 'admission' | 'files' | 'live',
): 'yes' | 'no' | 'unknown' {
  if (source === 'files') return isSet(valueAt(object, pointer)) ? 'yes' : 'no';
  const applied = lastApplied(object);
  if (applied !== undefined) return isSet(valueAt(applied, pointer)) ? 'yes' : 'no';
  return ownedByApply(object, pointerKeys(pointer));
}

/** What the author gave to `kubectl apply`; undefined without the annotation, or when it holds something else. */
function lastApplied(object: KubernetesObject): unknown {
  const json = annotationOf(object, 'kubectl.kubernetes.io/last-applied-configuration');
  return json === undefined ? undefined : parseFields(json);
}

/** The text is as long as the object. */
const parseFields = rememberLast((json: string): unknown => {
  const parsed = parseJson(json);
  return isFields(parsed) ? parsed : undefined;
});

/** A server-side apply owns just what its author sent; every other client owns the defaults too, so it proves nothing. */
function ownedByApply(object: KubernetesObject, keys: readonly string[]): 'yes' | 'no' | 'unknown' {
  const entries = managedFieldsOf(object);
  const owners = entries.filter((entry) => owns(entry['fieldsV1'], keys)).map((entry) => entry['operation']);
  if (owners.includes('Apply')) return 'yes';
  const applied = entries.some((entry) => entry['operation'] === 'Apply');
  return applied && owners.length === 0 ? 'no' : 'unknown';
}

/** `{"f:spec": {"f:replicas": {}}}` owns /spec/replicas; an empty set on the way owns all below it. Source: FieldsV1. */
function owns(set: unknown, keys: readonly string[]): boolean {
  let node = set;
  for (const key of keys) {
    node = own(node, `f:${key}`);
    if (node === undefined) return false;
    if (Object.keys(fields(node)).length === 0) return true;
  }
  return true;
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}
