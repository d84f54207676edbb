import { ObjectIndex } from '../kubernetes/object-index.ts';
import type { GroupKind } from '../kubernetes/object.ts';
import type { WatchedKind } from '../kubernetes/watched-kinds.ts';
import { hasStatus } from './api-error.ts';
import type { ApiClient } from './client.ts';
import { discover } from './discover.ts';
import { readList } from './read-list.ts';

/**
 * The cluster as it is now, read once: for a command that answers and ends. A kind that the user may not list reads as unknown.
 * @throws as the client
 */
export async function readView(client: ApiClient, kinds: readonly WatchedKind[]): Promise<ObjectIndex> {
  const { version, resources } = await discover(client, kinds, AbortSignal.timeout(30_000));
  const refused = new Set<GroupKind>();
  const view = new ObjectIndex((kind) => (refused.has(kind) ? 'none' : 'all'), version);
  for (const { groupKind, trim } of kinds) {
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
      if (!hasStatus(error, 403)) throw error;
      refused.add(groupKind);
    }
  }
  return view;
}
