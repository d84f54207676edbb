/**
 * Reads of fields that nobody has validated. The API server sends typed objects, but files, forged requests and
 * custom resources hold anything; what is not of the expected type reads as absent, exactly like `null`.
 */
export type Fields = Readonly<Record<string, unknown>>;

const nothing: Fields = Object.freeze({});
const empty: readonly never[] = Object.freeze([]);

/** The value as a map; an empty one where it is absent, a list or a scalar. */
export function fields(value: unknown): Fields {
  return isFields(value) ? value : nothing;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as a list; an empty one where it is anything else. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : empty;
}

/** An own property, never one inherited: objects come from `JSON.parse` and may be keyed `__proto__` or `constructor`. */
export function own(value: unknown, key: string): unknown {
  return isFields(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** Walks own properties: `at(object, 'spec', 'template', 'metadata')`. */
export function at(value: unknown, ...keys: readonly string[]): unknown {
  let current = value;
  for (const key of keys) current = own(current, key);
  return current;
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
