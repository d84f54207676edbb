import { isFields, own } from './fields.ts';
import { pointerKeys } from './json-pointer.ts';

/** The operations that daytwo writes: patches are additive, and a `test` guards every parent that one creates. Source: RFC 6902. */
export type Operation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/**
 * The document after the operations; the given one stays as it is, and what did not change is shared with it.
 * @throws {PatchError} where a parent is missing or a `test` does not hold
 */
export function applyPatch<T>(document: T, operations: readonly Operation[]): T {
  let patched: unknown = document;
  for (const operation of operations) patched = applyAt(patched, pointerKeys(operation.path), 0, operation);
  return patched as T;
}

export class PatchError extends Error {
  override readonly name = 'PatchError';
}

/** Deep equality of JSON values; the order of keys does not count. Without recursion: fields that no schema knows may be nested ten thousand deep. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  const open = [a, b];
  while (open.length > 0) {
    const right = open.pop();
    const left = open.pop();
    if (left !== right && !openInside(left, right, open)) return false;
  }
  return true;
}

/** Whether two objects are the same but for some of their fields. */
export function sameBut(a: object, b: object, skip: (key: string) => boolean): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const key of keys) if (!skip(key) && !sameJson(own(a, key), own(b, key))) return false;
  return true;
}

/** Adds what two unequal values hold, in pairs; false where they cannot be the same. */
function openInside(a: unknown, b: unknown, open: unknown[]): boolean {
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) open.push(a[i], b[i]);
    return true;
  }
  if (!isFields(a) || !isFields(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  for (const key of keys) {
    if (!Object.hasOwn(b, key)) return false;
    open.push(a[key], b[key]);
  }
  return true;
}

function applyAt(node: unknown, keys: readonly string[], depth: number, operation: Operation): unknown {
  if (depth === keys.length) return replaceRoot(node, operation);
  const key = keys[depth] as string;
  const last = depth === keys.length - 1;
  if (Array.isArray(node)) return applyInList(node, key, keys, depth, last, operation);
  if (!isFields(node)) throw new PatchError(`${operation.op} ${operation.path}: the parent is missing`);
  const exists = Object.hasOwn(node, key);
  if (!last) return { ...node, [key]: applyAt(exists ? node[key] : undefined, keys, depth + 1, operation) };
  if (operation.op === 'remove') {
    const { [key]: _removed, ...rest } = node;
    return rest;
  }
  if (operation.op === 'test') {
    mustHold(operation, exists ? node[key] : undefined);
    return node;
  }
  return { ...node, [key]: operation.value };
}

function applyInList(
  node: readonly unknown[],
  key: string,
  keys: readonly string[],
  depth: number,
  last: boolean,
  operation: Operation,
): unknown {
  const index = key === '-' ? node.length : Number(key);
  if (!Number.isInteger(index) || index > node.length)
    throw new PatchError(`${operation.op} ${operation.path}: no such index`);
  if (!last) return node.with(index, applyAt(node[index], keys, depth + 1, operation));
  if (operation.op === 'remove') return node.toSpliced(index, 1);
  if (operation.op === 'add') return node.toSpliced(index, 0, operation.value);
  if (operation.op === 'replace') return node.with(index, operation.value);
  mustHold(operation, node[index]);
  return node;
}

function replaceRoot(node: unknown, operation: Operation): unknown {
  if (operation.op === 'remove') throw new PatchError('remove: the document itself');
  if (operation.op === 'test') mustHold(operation, node);
  return operation.op === 'test' ? node : operation.value;
}

function mustHold(operation: { readonly path: string; readonly value?: unknown }, found: unknown): void {
  if (!sameJson(operation.value, found ?? null)) throw new PatchError(`test ${operation.path}: another value is there`);
}
