import { ObjectIndex } from '../kubernetes/object-index.ts';
import type { WatchedKind } from '../kubernetes/watched-kinds.ts';
import { ApiError, hasStatus } from './api-error.ts';
import type { ApiClient } from './client.ts';
import { discover } from './discover.ts';
import { readList } from './read-list.ts';

/**
 * The cluster as it is now, read once: for a command that answers and ends. A kind that the user may not list reads as unknown, and so
 * does a custom resource that the API server fails to read.
 * @throws as the client
 */
export async function readView(client: ApiClient, kinds: readonly WatchedKind[]): Promise<ObjectIndex> {
  const { version, resources, faults } = await discover(client, kinds, AbortSignal.timeout(30_000));
  const unknown = new Set(faults.keys());
  const view = new ObjectIndex((kind) => (unknown.has(kind) ? 'none' : 'all'), version);
  for (const { groupKind, trim, optional } of kinds) {
    const resource = resources.get(groupKind);
    if (resource === undefined) continue;
    try {
      await readList({
        client,
        resource,
        onObject(object) {
          const kept = trim(object);
          if (kept !== undefined) view.put(kept);
        },
      });
    } catch (error) {
      if (!hasStatus(error, 403) && !(optional && error instanceof ApiError)) throw error;
      unknown.add(groupKind);
    }
  }
  return view;
}
