import { at, fields, list, text } from '../kubernetes/fields.ts';
import type { Revision } from '../kubernetes/revised-view.ts';
import { type GroupKind, kindOf, type KubernetesObject } from '../kubernetes/object.ts';
import { type WatchedKind, watchedKinds } from '../kubernetes/watched-kinds.ts';
import { hasStatus } from './api-error.ts';
import type { ApiClient } from './client.ts';
import { resourcePath } from './resource-path.ts';

/** What to read: all of a kind in a namespace, or the Namespace of that name. */
export interface Wanted {
  readonly kind: GroupKind;
  readonly namespace: string | undefined;
  /** Just the object of that name. */
  readonly name?: string;
}

/**
 * Reads these kinds from the API server itself, past every cache, in half a second at most.
 * @returns undefined where not all of it could be learned: no answer, no right to ask, too many objects
 */
export async function lookUp(client: ApiClient, wanted: readonly Wanted[]): Promise<readonly Revision[] | undefined> {
  const signal = AbortSignal.timeout(patience);
  try {
    return await Promise.all(wanted.map(async (one) => ({ ...one, objects: await read(client, one, signal) })));
  } catch {
    return undefined;
  }
}

/** Milliseconds. Somebody waits at a terminal, and the API server for 5 s at most. */
export const patience = 500;
/** More of a kind in one namespace could not be read in time. */
const most = 500;

async function read(
  client: ApiClient,
  { kind: groupKind, namespace, name }: Wanted,
  signal: AbortSignal,
): Promise<readonly KubernetesObject[]> {
  const kind = watchedKinds.get(groupKind);
  if (kind === undefined || namespace === undefined) throw new Error(`${groupKind} is not read`);
  const only = kind.namespaced ? name : namespace;
  const query = { limit: most, ...(only !== undefined && { fieldSelector: `metadata.name=${only}` }) };
  const answer = await firstServed(client, kind, namespace, { query, signal });
  if (answer === undefined) return [];
  if (text(at(answer.list, 'metadata', 'continue'))) throw new Error(`more than ${most} of ${groupKind}`);
  const bareKind = kindOf(groupKind);
  return list(at(answer.list, 'items'))
    .map((item) => kind.trim({ ...fields(item), apiVersion: answer.apiVersion, kind: bareKind } as KubernetesObject))
    .filter((object) => object !== undefined);
}

/** Of a custom resource that the cluster lacks there is none. */
async function firstServed(
  client: ApiClient,
  { apiVersions, resource, namespaced, optional }: WatchedKind,
  namespace: string,
  how: { readonly query: Readonly<Record<string, string | number>>; readonly signal: AbortSignal },
): Promise<{ readonly apiVersion: string; readonly list: unknown } | undefined> {
  for (const apiVersion of apiVersions) {
    const path = resourcePath(apiVersion, resource, namespaced ? namespace : undefined);
    try {
      return { apiVersion, list: await client.request({ path, ...how }) };
    } catch (error) {
      if (!optional || !hasStatus(error, 404)) throw error;
    }
  }
  return undefined;
}
