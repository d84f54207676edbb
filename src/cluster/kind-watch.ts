import { hasStatus } from './api-error.ts';
import type { ApiResource } from './discover.ts';
import { type Reflector, type ReflectorOptions, startReflector } from './reflector.ts';

/** One kind of the cluster, which may come and go: a custom resource can be installed at any time. */
export interface KindWatch {
  /** Keeps its store filled from this resource; undefined where the cluster does not serve the kind, which empties the store. */
  follow(resource: ApiResource | undefined): Promise<void>;
  /** `performance.now()` when the store was last known to hold what the cluster has; undefined before the first time. */
  knownAt(): number | undefined;
  /** It is known, or RBAC refuses it: waiting longer brings nothing. */
  isSettled(): boolean;
  /** It is not known, since whether it is served could not be learned or reading it failed: its conversion webhook is down, say. */
  isFailing(): boolean;
  stop(): Promise<void>;
}

export function watchKind(options: Omit<ReflectorOptions, 'resource' | 'signal'>): KindWatch {
  let running: { readonly path: string; readonly abort: AbortController; readonly reflector: Reflector } | undefined;
  let absentAt: number | undefined;

  function knownAt(): number | undefined {
    if (running === undefined) return absentAt;
    return running.reflector.synced ? running.reflector.lastContact : undefined;
  }

  async function stop(): Promise<void> {
    running?.abort.abort();
    await running?.reflector.ended;
    running = undefined;
  }

  return {
    async follow(resource) {
      absentAt = resource === undefined ? performance.now() : undefined;
      if (resource?.path === running?.path) return;
      await stop();
      if (resource === undefined) {
        options.store.beginList();
        options.store.endList();
        return;
      }
      const abort = new AbortController();
      const reflector = startReflector({ ...options, resource, signal: abort.signal });
      running = { path: resource.path, abort, reflector };
    },
    knownAt,
    isSettled: () => knownAt() !== undefined || hasStatus(running?.reflector.fault, 403),
    isFailing: () => knownAt() === undefined && (running === undefined || running.reflector.fault !== undefined),
    stop,
  };
}
