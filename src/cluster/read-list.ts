import { at, fields, text } from '../kubernetes/fields.ts';
import type { KubernetesObject } from '../kubernetes/object.ts';
import type { ApiClient } from './client.ts';
import type { ApiResource } from './discover.ts';
import { jsonItems } from './json-items.ts';

export interface ReadListOptions {
  readonly client: ApiClient;
  readonly resource: ApiResource;
  readonly signal?: AbortSignal | undefined;
  /** Called for every object, as it arrives. */
  readonly onObject: (object: KubernetesObject) => void;
}

/**
 * Reads everything of one resource, in pages, as it is at one moment.
 * @returns the resourceVersion of that moment, from where a watch can go on
 * @throws {ApiError} as the client; with status 410 where reading took so long (5 minutes) that the moment is forgotten
 */
export async function readList({ client, resource, signal, onObject }: ReadListOptions): Promise<string> {
  const { path, apiVersion, kind } = resource;
  let next = '';
  let resourceVersion = '';
  do {
    const query = next === '' ? { limit: pageSize } : { limit: pageSize, continue: next };
    const page = await client.stream({ path, query, signal, idleTimeout: 30_000 });
    // The items of a list do not say what they are.
    const list = await jsonItems(page, (item) => onObject({ ...fields(item), apiVersion, kind } as KubernetesObject));
    resourceVersion = text(at(list, 'metadata', 'resourceVersion')) ?? '';
    next = text(at(list, 'metadata', 'continue')) ?? '';
  } while (next !== '');
  return resourceVersion;
}

/** As kubectl and client-go. */
const pageSize = 500;
