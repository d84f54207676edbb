import { setTimeout as sleep } from 'node:timers/promises';
import { errors } from 'undici';
import { at, type Fields, fields, text } from '../kubernetes/fields.ts';
import type { KubernetesObject } from '../kubernetes/object.ts';
import { ApiError, hasStatus } from './api-error.ts';
import type { ApiClient } from './client.ts';
import type { ApiResource } from './discover.ts';
import { jsonLines } from './json-lines.ts';
import type { Log } from './log.ts';
import { readList } from './read-list.ts';

/** Takes what a reflector hears. */
export interface ReflectorStore {
  /** The object is there, new or changed. */
  put(object: KubernetesObject): void;
  remove(object: KubernetesObject): void;
  /** A list is complete: there is nothing but what has been put since the last `beginList`. */
  beginList(): void;
  endList(): void;
}

export interface ReflectorOptions {
  readonly client: ApiClient;
  readonly resource: ApiResource;
  readonly store: ReflectorStore;
  readonly log: Log;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Milliseconds of silence after which a watch begins anew on another connection; 90,000 where absent. */
  readonly idleTimeout?: number;
}

/** What can be known of a reflector from outside. */
export interface Reflector {
  /** A list has been read to its end. */
  readonly synced: boolean;
  /** `performance.now()` of the last sign of life from the server; of the start as long as there was none. */
  readonly lastContact: number;
  /** What stands in its way right now. */
  readonly fault: unknown;
  /** Fulfilled when it has ended, which only the signal makes it do. */
  readonly ended: Promise<void>;
}

/**
 * Keeps a store equal to what the API server has of one resource: a list, then a watch from there, for ever. Whatever
 * breaks a watch, it goes on from the last version heard of; only where the server has forgotten that version (410) does it
 * list again.
 */
export function startReflector(options: ReflectorOptions): Reflector {
  const state: State = {
    synced: false,
    lastContact: performance.now(),
    fault: undefined,
    failures: 0,
    resourceVersion: '',
  };
  return Object.assign(state, { ended: run(options, state) });
}

interface State {
  synced: boolean;
  lastContact: number;
  fault: unknown;
  /** In a row, without a watch that worked. */
  failures: number;
  /** Up to where the store is complete; empty where a list has to tell. */
  resourceVersion: string;
}

async function run(options: ReflectorOptions, state: State): Promise<void> {
  const { signal } = options;
  while (!signal.aborted) {
    try {
      if (state.resourceVersion === '') await list(options, state);
      await watch(options, state);
      succeed(options, state);
    } catch (error) {
      if (signal.aborted) return;
      if (hasStatus(error, 410)) state.resourceVersion = '';
      fail(options, state, error);
      await pause(state.failures, error, signal);
    }
  }
}

async function list({ client, resource, store, signal }: ReflectorOptions, state: State): Promise<void> {
  store.beginList();
  state.resourceVersion = await readList({ client, resource, signal, onObject: (object) => store.put(object) });
  store.endList();
  state.synced = true;
  state.lastContact = performance.now();
}

/** Returns when it is time for another one: the server ends it after a while, or it has been silent for long. */
async function watch(options: ReflectorOptions, state: State): Promise<void> {
  const { client, resource, signal, idleTimeout = 90_000 } = options;
  const query = {
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: state.resourceVersion,
    // Spread out, so that not all watches of all replicas begin anew at once.
    timeoutSeconds: Math.round(300 * (1 + Math.random())),
  };
  let heard = false;
  const stream = await client.stream({ path: resource.path, query, signal, idleTimeout });
  // The server takes the watch, so it has every change since that version and sends them now.
  state.lastContact = performance.now();
  try {
    for await (const event of jsonLines(stream)) {
      signal.throwIfAborted();
      hear(fields(event), options, state);
      succeed(options, state);
      heard = true;
    }
  } catch (error) {
    // Silence proves nothing: until etcd reports progress (every 10 minutes by default), the API server sends not even
    // bookmarks for a resource that does not change. A watch on a new connection tells whether anyone is there.
    if (error instanceof errors.BodyTimeoutError) return;
    throw error;
  }
  // Or a server that hangs up at once would be asked again without a pause.
  if (!heard) throw new Error(`GET ${resource.path}: the watch ended before it began`);
}

function hear(event: Fields, { store, resource }: ReflectorOptions, state: State): void {
  const object = event['object'] as KubernetesObject;
  if (event['type'] === 'ERROR') throw new ApiError(`GET ${resource.path}`, Number(at(object, 'code')), object);
  if (event['type'] === 'DELETED') store.remove(object);
  else if (event['type'] !== 'BOOKMARK') store.put(object);
  state.resourceVersion = text(at(object, 'metadata', 'resourceVersion')) ?? state.resourceVersion;
}

function succeed({ resource, log }: ReflectorOptions, state: State): void {
  state.lastContact = performance.now();
  state.failures = 0;
  if (state.fault === undefined) return;
  state.fault = undefined;
  log.info({ path: resource.path }, 'the watch works again');
}

/** Said once, however often it is tried. */
function fail({ resource, log }: ReflectorOptions, state: State, error: unknown): void {
  const known = String(state.fault) === String(error);
  state.failures += 1;
  state.fault = error;
  if (known) return;
  const refused = hasStatus(error, 403);
  log.warn(
    { err: error, path: resource.path },
    refused ? 'RBAC refuses this kind, checks skip it' : 'the watch is broken, trying again',
  );
}

/** 0.25 to 0.5 s at first, twice as long each time, at most half a minute; an overloaded server may ask for more. */
async function pause(failures: number, error: unknown, signal: AbortSignal): Promise<void> {
  const wished = error instanceof ApiError ? (error.retryAfter ?? 0) * 1000 : 0;
  const ceiling = Math.min(30_000, 250 * 2 ** failures);
  try {
    await sleep(Math.max(wished, ceiling * (0.5 + Math.random() / 2)), undefined, { signal });
  } catch {
    // Aborted: the loop ends by itself.
  }
}
