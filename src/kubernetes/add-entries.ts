import { type Fields, isFields } from './fields.ts';
import type { Operation } from './json-patch.ts';
import { pointerKeys, pointerTo, valueAt } from './json-pointer.ts';

/**
 * Operations that put entries into the map at a pointer. Where it or a parent is missing or null they create it, behind
 * a `test` that it still is: two patches that create the same map would otherwise erase one another.
 */
export function addEntries(object: unknown, pointer: string, entries: Fields): readonly Operation[] {
  if (Object.keys(entries).length === 0) return [];
  const keys = pointerKeys(pointer);
  let path = '';
  for (const [depth, key] of keys.entries()) {
    path = pointerTo(path, key);
    const found = valueAt(object, path);
    if (found === undefined || found === null) {
      return [
        { op: 'test', path, value: null },
        { op: 'add', path, value: nest(keys.slice(depth + 1), entries) },
      ];
    }
  }
  const existing = valueAt(object, pointer);
  if (!isFields(existing)) return [];
  return Object.entries(entries).map(([key, value]) => ({ op: 'add', path: pointerTo(pointer, key), value }));
}

/** `nest(['a', 'b'], {c: 1})` is `{a: {b: {c: 1}}}`. */
function nest(keys: readonly string[], entries: Fields): Fields {
  return keys.reduceRight<Fields>((inner, key) => ({ [key]: inner }), entries);
}
