import { setTimeout as sleep } from 'node:timers/promises';
import { at, type Fields, fields, text } from '../kubernetes/fields.ts';
import type { KubernetesObject } from '../kubernetes/object.ts';
import { ApiError, hasStatus } from './api-error.ts';
import type { ApiClient } from './client.ts';
import { jsonLines } from './json-lines.ts';
import type { Log } from './log.ts';
import { pages } from './pages.ts';

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
  /** Of the resource: `/apis/apps/v1/deployments`. */
  readonly path: string;
  readonly store: ReflectorStore;
  readonly log: Log;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Milliseconds of silence after which a watch counts as dead; the API server sends a bookmark about each minute. */
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
  const state: State = { synced: false, lastContact: performance.now(), fault: undefined, resourceVersion: '' };
  return Object.assign(state, { ended: run(options, state) });
}

interface State {
  synced: boolean;
  lastContact: number;
  fault: unknown;
  /** Up to where the store is complete; empty where a list has to tell. */
  resourceVersion: string;
}

async function run(options: ReflectorOptions, state: State): Promise<void> {
  const { signal, path, log } = options;
  let failures = 0;
  while (!signal.aborted) {
    const startedAt = state.lastContact;
    try {
      if (state.resourceVersion === '') await list(options, state);
      await watch(options, state);
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      if (hasStatus(error, 410)) state.resourceVersion = '';
      if (state.lastContact > startedAt) failures = 0;
      if (String(error) !== String(state.fault)) log.warn({ err: error, path }, 'the watch is broken, trying again');
      state.fault = error;
      await pause(failures, error, signal);
      failures += 1;
    }
  }
}

async function list({ client, path, store, signal }: ReflectorOptions, state: State): Promise<void> {
  let resourceVersion = '';
  store.beginList();
  for await (const page of pages({ client, path, signal })) {
    signal.throwIfAborted();
    for (const object of page.objects) store.put(object);
    resourceVersion = page.resourceVersion;
  }
  store.endList();
  state.resourceVersion = resourceVersion;
  state.synced = true;
  state.lastContact = performance.now();
}

/** Returns when the server ends the watch, as it does after the time that it is told. */
async function watch(options: ReflectorOptions, state: State): Promise<void> {
  const { client, path, signal, idleTimeout = 90_000 } = options;
  const query = {
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: state.resourceVersion,
    // Spread out, so that not all watches of all replicas begin anew at once.
    timeoutSeconds: Math.round(300 * (1 + Math.random())),
  };
  let heard = false;
  for await (const event of jsonLines(await client.stream({ path, query, signal, idleTimeout }))) {
    signal.throwIfAborted();
    hear(fields(event), options, state);
    heard = true;
  }
  // Or a server that hangs up at once would be asked again without a pause.
  if (!heard) throw new Error(`GET ${path}: the watch ended before it began`);
}

function hear(event: Fields, { store, path, log }: ReflectorOptions, state: State): void {
  const object = event['object'] as KubernetesObject;
  if (event['type'] === 'ERROR') throw new ApiError(`GET ${path}`, Number(at(object, 'code')), object);
  if (event['type'] === 'DELETED') store.remove(object);
  else if (event['type'] !== 'BOOKMARK') store.put(object);
  state.resourceVersion = text(at(object, 'metadata', 'resourceVersion')) ?? state.resourceVersion;
  // Only what was heard counts: a proxy that opens streams and swallows what comes must not look alive.
  state.lastContact = performance.now();
  if (state.fault === undefined) return;
  state.fault = undefined;
  log.info({ path }, 'the watch works again');
}

/** 0.25 to 0.5 s at first, twice as long each time, at most half a minute; an overloaded server may ask for more. */
async function pause(failures: number, error: unknown, signal: AbortSignal): Promise<void> {
  const wished = error instanceof ApiError ? (error.retryAfter ?? 0) * 1000 : 0;
  const ceiling = Math.min(30_000, 500 * 2 ** failures);
  try {
    await sleep(Math.max(wished, ceiling * (0.5 + Math.random() / 2)), undefined, { signal });
  } catch {
    // Aborted: the loop ends by itself.
  }
}
