import { setTimeout as sleep } from 'node:timers/promises';
import { at, fields, text } from '../kubernetes/fields.ts';
import { hasStatus } from './api-error.ts';
import type { ApiClient } from './client.ts';
import type { Log } from './log.ts';
import { resourcePath } from './resource-path.ts';

export interface LeaseOptions {
  readonly client: ApiClient;
  readonly namespace: string;
  readonly name: string;
  /** Of this process, and of no other that ever was: the pod's name and something random. */
  readonly identity: string;
  /** Ends it: what is led is stopped first, and then the Lease is given back. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Milliseconds without a renewal after which others may take it; 15,000 where absent. */
  readonly duration?: number;
  /** Milliseconds between two tries to renew or take it; 2,000 where absent. */
  readonly retryAfter?: number;
}

/** The time during which nobody else leads. */
export interface Term {
  /** Aborted when it is over. */
  readonly signal: AbortSignal;
  /** Asked right before each write: a process that was stopped for a while may not have heard yet that its time is over. */
  holds(): boolean;
}

/**
 * Takes a Lease of coordination.k8s.io whenever it is free, and leads while it holds it.
 *
 * Whoever leads stops after two thirds of the duration without a renewal, and nobody takes a Lease before he has himself seen it
 * unchanged for a whole duration, each by his own monotonic clock. So two never lead, whatever the clocks of the machines say and
 * however long the API server is away.
 *
 * @param lead ends soon after its signal is aborted; where it ends by itself the Lease is held on
 */
export async function leadByLease(options: LeaseOptions, lead: (term: Term) => Promise<void>): Promise<void> {
  const { signal, log, identity, retryAfter = 2_000 } = options;
  const lease = createLease(options);
  while (!signal.aborted) {
    const since = performance.now();
    if (await tried(lease.take(), log)) {
      log.info({ identity }, 'leading');
      await leadTerm(options, lease, since, lead);
      log.info({ identity }, 'no longer leading');
    }
    await pause(retryAfter, signal);
  }
}

interface HeldLease {
  /** Takes it if it is free or ours already. */
  take(): Promise<boolean>;
  release(): Promise<void>;
}

async function leadTerm(
  { signal, log, duration = 15_000, retryAfter = 2_000 }: LeaseOptions,
  lease: HeldLease,
  takenAt: number,
  lead: (term: Term) => Promise<void>,
): Promise<void> {
  const over = new AbortController();
  const deadline = (duration * 2) / 3;
  let renewedAt = takenAt;
  const holds = (): boolean => !over.signal.aborted && performance.now() - renewedAt < deadline;
  const leading = lead({ signal: over.signal, holds }).catch((error: unknown) => {
    log.warn({ err: error }, 'what is led has failed');
  });
  while (!signal.aborted && holds()) {
    // The time of a renewal is that before it was asked for: the answer may take long.
    const since = performance.now();
    const left = Math.max(1, renewedAt + deadline - since);
    const renewed = await Promise.race([tried(lease.take(), log), pause(left, signal)]);
    if (renewed === true) renewedAt = since;
    // Somebody else holds it.
    else if (renewed === false) break;
    await pause(Math.min(retryAfter, Math.max(1, renewedAt + deadline - performance.now())), signal);
  }
  over.abort();
  await leading;
  if (signal.aborted) await tried(lease.release(), log);
}

/** @returns undefined where the API server could not be asked: then nothing is known */
async function tried<T>(asking: Promise<T>, log: Log): Promise<T | undefined> {
  try {
    return await asking;
  } catch (error) {
    log.warn({ err: error }, 'the Lease could not be read or written, trying again');
    return undefined;
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {});
}

function createLease({ client, namespace, name, identity, duration = 15_000 }: LeaseOptions): HeldLease {
  const collection = resourcePath('coordination.k8s.io/v1', 'leases', namespace);
  const path = resourcePath('coordination.k8s.io/v1', 'leases', namespace, name);
  const timeout = duration / 3;
  /** The Lease as it was last seen, and since when it has been like that. */
  let seen: { readonly version: string | undefined; readonly at: number } | undefined;

  async function read(): Promise<unknown> {
    try {
      return await client.request({ path, timeout });
    } catch (error) {
      if (hasStatus(error, 404)) return undefined;
      throw error;
    }
  }

  function isFree(lease: unknown): boolean {
    const holder = text(at(lease, 'spec', 'holderIdentity')) ?? '';
    const version = text(at(lease, 'metadata', 'resourceVersion'));
    if (seen === undefined || seen.version !== version) seen = { version, at: performance.now() };
    if (holder === '' || holder === identity) return true;
    const seconds = at(lease, 'spec', 'leaseDurationSeconds');
    const promised = typeof seconds === 'number' ? seconds * 1000 : duration;
    return performance.now() - seen.at >= Math.max(promised, duration);
  }

  /** @returns false where somebody was faster */
  async function write(lease: unknown, spec: object): Promise<boolean> {
    const { metadata, ...rest } = fields(lease);
    const body = {
      ...rest,
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      // With the resourceVersion in it, the API server refuses whoever has not seen the last change.
      metadata: metadata ?? { name, namespace },
      spec,
    };
    try {
      await client.request(
        lease === undefined
          ? { method: 'POST', path: collection, body, timeout }
          : { method: 'PUT', path, body, timeout },
      );
      return true;
    } catch (error) {
      if (hasStatus(error, 409)) return false;
      throw error;
    }
  }

  return {
    async take() {
      const lease = await read();
      if (lease !== undefined && !isFree(lease)) return false;
      const { spec } = fields(lease);
      const ours = at(spec, 'holderIdentity') === identity;
      const transitions = at(spec, 'leaseTransitions');
      const now = microTime();
      return await write(lease, {
        holderIdentity: identity,
        leaseDurationSeconds: Math.ceil(duration / 1000),
        acquireTime: ours ? at(spec, 'acquireTime') : now,
        renewTime: now,
        leaseTransitions: (typeof transitions === 'number' ? transitions : 0) + (ours || lease === undefined ? 0 : 1),
      });
    },
    async release() {
      const lease = await read();
      if (at(lease, 'spec', 'holderIdentity') !== identity) return;
      const transitions = at(lease, 'spec', 'leaseTransitions');
      await write(lease, {
        holderIdentity: '',
        leaseDurationSeconds: 1,
        renewTime: microTime(),
        leaseTransitions: transitions,
      });
    },
  };
}

/** meta/v1 MicroTime, which wants six digits. */
function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z');
}
