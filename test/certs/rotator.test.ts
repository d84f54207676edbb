import { expect, test } from 'vitest';
import { ensureCertificates, type ServedCertificates } from '../../src/certs/ensure-certificates.ts';
import { type Clock, rotateCertificates } from '../../src/certs/rotator.ts';
import { memoryStore } from './memory-store.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const names = ['localhost'];

/** Time that flies: every wait is over at once, until so many milliseconds have passed. */
function fastClock(duration: number): {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly waits: number[];
} {
  const end = new AbortController();
  const waits: number[] = [];
  let now = Date.parse('2026-01-01T00:00:00Z');
  const until = now + duration;
  const clock: Clock = {
    now: () => now,
    async wait(milliseconds) {
      waits.push(milliseconds);
      now += milliseconds;
      if (now >= until) end.abort();
    },
  };
  return { clock, signal: end.signal, waits };
}

test('hands the certificates over at once, and again at each renewal', { timeout: 30_000 }, async () => {
  const { clock, signal } = fastClock(65 * day);
  const handed: ServedCertificates[] = [];
  await rotateCertificates({
    store: memoryStore(),
    names,
    clock,
    signal,
    onChange: (certificates) => void handed.push(certificates),
    onFault: (error) => expect.unreachable(String(error)),
  });
  expect(handed).toHaveLength(2);
  expect(handed[1]?.certificate).not.toBe(handed[0]?.certificate);
});

test('takes over what another replica has written', async () => {
  const { clock, signal } = fastClock(30 * minute);
  const store = memoryStore();
  const handed: string[] = [];
  await rotateCertificates({
    store,
    names,
    clock,
    signal,
    async onChange({ certificate }) {
      handed.push(certificate);
      if (handed.length > 1) return;
      store.current = undefined;
      await ensureCertificates(store, names, clock.now());
    },
    onFault: (error) => expect.unreachable(String(error)),
  });
  expect(handed).toHaveLength(2);
  expect(handed[1]).toBe(store.current?.certificate);
});

test('reports a failed handover and tries it again soon', async () => {
  const { clock, signal, waits } = fastClock(15 * minute);
  const faults: unknown[] = [];
  let calls = 0;
  await rotateCertificates({
    store: memoryStore(),
    names,
    clock,
    signal,
    onChange() {
      calls += 1;
      if (calls < 3) throw new Error('the API server does not answer');
    },
    onFault: (error) => void faults.push(error),
  });
  expect(calls).toBe(3);
  expect(faults).toHaveLength(2);
  expect(waits.slice(0, 3)).toEqual([minute / 2, minute / 2, 10 * minute]);
});

test('survives a store that fails', async () => {
  const { clock, signal } = fastClock(2 * minute);
  const faults: unknown[] = [];
  const store = { ...memoryStore(), read: () => Promise.reject(new Error('forbidden')) };
  await rotateCertificates({ store, names, clock, signal, onChange: () => {}, onFault: (e) => void faults.push(e) });
  expect(faults.length).toBeGreaterThan(1);
});
