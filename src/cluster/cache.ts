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
  /** Milliseconds for which a custom resource that cannot be read is waited for; 10,000 where absent. */
  readonly patience?: number;
}

export interface ClusterCache {
  /** What it says changes with the cluster. */
  view(): ClusterView;
  /**
   * Every kind was once held, or absent from the cluster, or refused by RBAC, or a custom resource that cannot be read: waiting
   * longer brings nothing. It stays so, or one broken custom resource would make all replicas unready at once.
   */
  ready(): boolean;
  /** Milliseconds since the last sign of life about each kind. */
  ages(): ReadonlyMap<GroupKind, number>;
  /** Resolves when nothing of it runs any more. */
  stop(): Promise<void>;
}

/** Holds the kinds that checks read as the API server has them, from now until `stop`. */
export function startClusterCache(options: ClusterCacheOptions): ClusterCache {
  const { staleAfter = 180_000, patience = 10_000, onChange = () => {} } = options;
  const kinds = [...options.kinds];
  const index = new ObjectIndex('all');
  const watches = new Map(
    kinds.map((kind) => [kind.groupKind, watchKind({ ...options, store: indexedStore(index, kind, onChange) })]),
  );
  const startedAt = performance.now();
  const age = (watch: KindWatch | undefined) => performance.now() - (watch?.knownAt() ?? startedAt);
  const stopping = new AbortController();
  let version: ServerVersion | undefined;
  let wasReady = false;
  let undiscovered: ReadonlySet<GroupKind> = new Set();
  const ended = keepDiscovering();

  function isSettled({ groupKind, optional }: WatchedKind): boolean {
    const watch = watches.get(groupKind);
    if (watch === undefined || watch.isSettled()) return true;
    return optional && watch.isFailing() && performance.now() - startedAt > patience;
  }

  /** Custom resources can be installed, and clusters upgraded, at any time. */
  async function keepDiscovering(): Promise<void> {
    const { client, log, rediscoverAfter = 60_000 } = options;
    const { signal } = stopping;
    let delay = 500;
    while (!signal.aborted) {
      try {
        const found = await discover(client, kinds, signal);
        version = found.version;
        // Of a kind that the cluster says nothing about, the last answer is the best one; if there is none it stays unknown.
        for (const [kind, watch] of watches) if (!found.faults.has(kind)) await watch.follow(found.resources.get(kind));
        reportFaults(found.faults);
        delay = found.faults.size === 0 ? rediscoverAfter : Math.min(delay * 2, rediscoverAfter);
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ err: error }, 'cannot learn which kinds the cluster has, trying again');
        delay = Math.min(delay * 2, rediscoverAfter);
      }
      await sleep(delay, undefined, { signal }).catch(() => {});
    }
  }

  /** Said once, however often it is tried. */
  function reportFaults(faults: ReadonlyMap<GroupKind, unknown>): void {
    for (const [kind, error] of faults)
      if (!undiscovered.has(kind))
        options.log.warn({ err: error, kind }, 'cannot learn whether the cluster has this kind, trying again');
    undiscovered = new Set(faults.keys());
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
    ready: () => (wasReady ||= kinds.every(isSettled)),
    ages: () => new Map([...watches].map(([kind, watch]) => [kind, age(watch)])),
    async stop() {
      stopping.abort();
      await ended;
      await Promise.all([...watches.values()].map((watch) => watch.stop()));
    },
  };
}
