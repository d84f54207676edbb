import { at, fields, list, text } from '../kubernetes/fields.ts';
import type { KubernetesObject } from '../kubernetes/object.ts';
import type { ApiClient } from './client.ts';

export interface Page {
  /** With `apiVersion` and `kind`, which the items of a list lack on the wire. */
  readonly objects: readonly KubernetesObject[];
  /** Of the list as a whole, the same on every page: where a watch goes on. */
  readonly resourceVersion: string;
}

export interface PagesOptions {
  readonly client: ApiClient;
  /** Of the resource: `/apis/apps/v1/deployments`. */
  readonly path: string;
  readonly pageSize?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Everything of one resource at one moment, a page at a time.
 * @throws {ApiError} as the client; with status 410 where reading took so long (5 minutes) that the moment is forgotten
 */
export async function* pages({ client, path, pageSize = 500, signal }: PagesOptions): AsyncGenerator<Page, void, void> {
  let next = '';
  do {
    const query = next === '' ? { limit: pageSize } : { limit: pageSize, continue: next };
    const page = fields(await client.request({ path, query, signal, timeout: 60_000 }));
    const apiVersion = text(page['apiVersion']) ?? '';
    const kind = (text(page['kind']) ?? '').replace(/List$/, '');
    const objects = list(page['items']).map((item) => Object.assign({ apiVersion, kind }, item) as KubernetesObject);
    yield { objects, resourceVersion: text(at(page, 'metadata', 'resourceVersion')) ?? '' };
    next = text(at(page, 'metadata', 'continue')) ?? '';
  } while (next !== '');
}
