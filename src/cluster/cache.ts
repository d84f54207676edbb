import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterView, ServerVersion } from '../kubernetes/cluster-view.ts';
import { ObjectIndex } from '../kubernetes/object-index.ts';
import type { GroupKind } from '../kubernetes/object.ts';
import type { WatchedKind } from '../kubernetes/watched-kinds.ts';
import type { ApiClient } from './client.ts';
import { discover } from './discover.ts';
import { indexedStore, type OnChange } from './indexed-store.ts';
import { type KindWatch, watchKind } from './kind-watch.ts';
import type { Log } from './log.ts';

export interface ClusterCacheOptions {
  readonly client: ApiClient;
  /** What to hold. A kind that is not among them reads as unknown. */
  readonly kinds: Iterable<WatchedKind>;
  readonly log: Log;
  readonly onChange?: OnChange;
  /** Milliseconds without a sign of life after which a kind counts as unknown; three minutes where absent. */
  readonly staleAfter?: number;
  /** Milliseconds between two looks at which kinds the cluster has; a minute where absent. */
  readonly rediscoverAfter?: number;
  /** Milliseconds of silence after which a watch begins anew; 90,000 where absent. */
  readonly idleTimeout?: number;
}

export interface ClusterCache {
  /** What it says changes with the cluster. */
  view(): ClusterView;
  /** Every kind is held, or absent from the cluster, or refused by RBAC: waiting longer brings nothing. */
  ready(): boolean;
  /** Milliseconds since the last sign of life about each kind. */
  ages(): ReadonlyMap<GroupKind, number>;
  /** Resolves when nothing of it runs any more. */
  stop(): Promise<void>;
}

/** Holds the kinds that checks read as the API server has them, from now until `stop`. */
export function startClusterCache(options: ClusterCacheOptions): ClusterCache {
  const { staleAfter = 180_000, onChange = () => {} } = options;
  const kinds = [...options.kinds];
  const index = new ObjectIndex('all');
  const watches = new Map(
    kinds.map((kind) => [kind.groupKind, watchKind({ ...options, store: indexedStore(index, kind, onChange) })]),
  );
  const startedAt = performance.now();
  const age = (watch: KindWatch | undefined) => performance.now() - (watch?.knownAt() ?? startedAt);
  const stopping = new AbortController();
  let version: ServerVersion | undefined;
  const ended = keepDiscovering();

  /** Custom resources can be installed, and clusters upgraded, at any time. */
  async function keepDiscovering(): Promise<void> {
    const { client, log, rediscoverAfter = 60_000 } = options;
    const { signal } = stopping;
    let delay = 500;
    while (!signal.aborted) {
      try {
        const found = await discover(client, kinds, signal);
        version = found.version;
        for (const [kind, watch] of watches) await watch.follow(found.resources.get(kind));
        delay = rediscoverAfter;
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ err: error }, 'cannot learn which kinds the cluster has, trying again');
        delay = Math.min(delay * 2, rediscoverAfter);
      }
      await sleep(delay, undefined, { signal }).catch(() => {});
    }
  }

  return {
    view: () => ({
      version,
      knows(kind) {
        const watch = watches.get(kind);
        return watch?.knownAt() !== undefined && age(watch) < staleAfter ? 'all' : 'none';
      },
      list: (kind, namespace) => index.list(kind, namespace),
      all: (kind) => index.all(kind),
      get: (kind, namespace, name) => index.get(kind, namespace, name),
    }),
    ready: () => [...watches.values()].every((watch) => watch.isSettled()),
    ages: () => new Map([...watches].map(([kind, watch]) => [kind, age(watch)])),
    async stop() {
      stopping.abort();
      await ended;
      await Promise.all([...watches.values()].map((watch) => watch.stop()));
    },
  };
}
