import { fields, type Fields, list } from './fields.ts';
import type { KubernetesObject } from './object.ts';
import { parseJson } from './parse-json.ts';

/**
 * `metadata.managedFields` as the text that came over the wire. They are half the keys of an object and hardly a check asks
 * for them, so they are parsed when the first one does, and once: several ask about one object in a row.
 */
export class DeferredManagedFields {
  /** Public, so that two of them are compared by it as any other part of an object. */
  readonly json: string;
  #parsed: unknown;

  constructor(json: string) {
    this.json = json;
  }

  /** The list itself, also wherever the object is written down. */
  toJSON(): unknown {
    // The text was only skipped, so it may hold anything that ends where a list would.
    this.#parsed ??= parseJson(this.json) ?? [];
    return this.#parsed;
  }
}

/** Who wrote which fields, an entry a client. The only way to them: elsewhere they may be text still. Source: meta/v1 ManagedFieldsEntry. */
export function managedFieldsOf({ metadata }: Pick<KubernetesObject, 'metadata'>): readonly Fields[] {
  const { managedFields } = metadata;
  const entries = managedFields instanceof DeferredManagedFields ? managedFields.toJSON() : managedFields;
  return list(entries).map(fields);
}
