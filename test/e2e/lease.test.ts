import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type ApiClient, createClient } from '../../src/cluster/client.ts';
import { connect } from '../../src/cluster/connection.ts';
import { leadByLease, type Term } from '../../src/cluster/lease.ts';
import { type FaultyProxy, startFaultyProxy } from '../cluster/faulty-proxy.ts';
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts';

/** Who leads, on a real API server: never two, and soon another one. Durations are a fifth of those in use. */

let controlPlane: ControlPlane;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  controlPlane = await startControlPlane({ controllerManager: false });
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});
afterAll(async () => {
  await controlPlane?.stop();
});

const duration = 3_000;

interface Candidate {
  readonly terms: Term[];
  leads(): boolean;
  stop(): Promise<void>;
}

async function run(identity: string, name: string, proxy?: FaultyProxy): Promise<Candidate> {
  const connection = await connect({ kubeconfig: controlPlane.kubeconfig('admin'), env: {} });
  const client: ApiClient = createClient(
    proxy === undefined ? connection : { ...connection, server: `https://127.0.0.1:${proxy.port}` },
  );
  const stopping = new AbortController();
  const terms: Term[] = [];
  let leading = false;
  const log = { info: () => {}, warn: () => {} };
  const ended = leadByLease(
    { client, namespace: 'default', name, identity, signal: stopping.signal, log, duration, retryAfter: 300 },
    async (term) => {
      terms.push(term);
      leading = true;
      while (!term.signal.aborted) await sleep(20);
      leading = false;
    },
  );
  const stop = async (): Promise<void> => {
    stopping.abort();
    await ended;
    await client.close();
  };
  stops.push(stop);
  return { terms, leads: () => leading, stop };
}

async function lease(name: string): Promise<Record<string, unknown>> {
  const { stdout } = await controlPlane.kubectl(['get', 'lease', name, '-o', 'jsonpath={.spec}']);
  return JSON.parse(stdout) as Record<string, unknown>;
}

test('of many that start at once one leads, and says so in the Lease', async () => {
  const all = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((identity) => run(identity, 'many')));
  await vi.waitFor(() => expect(all.filter((one) => one.leads())).toHaveLength(1), 5_000);
  for (const end = Date.now() + 2 * duration; Date.now() < end; await sleep(20))
    expect(all.filter((one) => one.leads())).toHaveLength(1);
  const spec = await lease('many');
  expect(spec['holderIdentity']).toBe(['a', 'b', 'c', 'd', 'e'][all.findIndex((one) => one.leads())]);
  expect(spec['leaseDurationSeconds']).toBe(3);
  expect(spec['renewTime']).toMatch(/\.\d{6}Z$/);
});

test('a leader that stops gives it back, and another follows at once', async () => {
  const first = await run('first', 'handover');
  await vi.waitFor(() => expect(first.leads()).toBe(true), 5_000);
  const second = await run('second', 'handover');
  await sleep(500);
  expect(second.leads()).toBe(false);
  await first.stop();
  expect(first.leads()).toBe(false);
  await vi.waitFor(() => expect(second.leads()).toBe(true), 1_500);
  expect(await lease('handover')).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 });
});

test('a leader that the API server does not hear steps down before anyone else leads', async () => {
  const proxy = await startFaultyProxy(controlPlane.server);
  stops.push(() => proxy.stop());
  const first = await run('cut-off', 'silence', proxy);
  await vi.waitFor(() => expect(first.leads()).toBe(true), 5_000);
  const second = await run('other', 'silence');
  proxy.swallow(true);
  let overlap = 0;
  for (const end = Date.now() + 4 * duration; !second.leads() && Date.now() < end; await sleep(10))
    if (first.leads() && second.leads()) overlap += 1;
  expect(second.leads()).toBe(true);
  expect(first.leads()).toBe(false);
  expect(overlap).toBe(0);
  expect(first.terms.at(-1)?.holds()).toBe(false);
  proxy.swallow(false);
  await sleep(duration);
  expect([first.leads(), second.leads()]).toEqual([false, true]);
});

test('a Lease taken by someone else is lost at once', async () => {
  const first = await run('robbed', 'theft');
  await vi.waitFor(() => expect(first.leads()).toBe(true), 5_000);
  const patch = JSON.stringify({ spec: { holderIdentity: 'thief' } });
  await controlPlane.kubectl(['patch', 'lease', 'theft', '--type=merge', '-p', patch]);
  await vi.waitFor(() => expect(first.leads()).toBe(false), 1_500);
  // Who never renews loses it again.
  await vi.waitFor(() => expect(first.leads()).toBe(true), 2 * duration);
});
