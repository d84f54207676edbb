import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { StoredCertificates } from '../../src/certs/certificate-store.ts';
import { ensureCertificates, type ServedCertificates } from '../../src/certs/ensure-certificates.ts';
import { readBundle } from '../../src/certs/read-bundle.ts';
import { memoryStore } from './memory-store.ts';

const hour = 3_600_000;
const day = 24 * hour;
const start = Date.parse('2026-01-01T00:00:00Z');
const names = ['daytwo.guard.svc', '127.0.0.1'];

test('issues both where there is nothing, and nothing the next time', async () => {
  const store = memoryStore();
  const first = await ensureCertificates(store, names, start);
  expect(first.issued).toEqual(['authority: there was none', 'serving certificate: there was none']);
  const second = await ensureCertificates(store, names, start + day);
  expect(second).toEqual({ ...first, issued: [] });
});

test.each([
  [59, []],
  [60, ['serving certificate: it expires at 2026-04-01T00:00:00.000Z']],
  [91, ['serving certificate: it expired at 2026-04-01T00:00:00.000Z']],
  [
    244,
    [
      'authority: it expires at 2027-01-01T00:00:00.000Z',
      'serving certificate: it expired at 2026-04-01T00:00:00.000Z',
    ],
  ],
  [
    366,
    [
      'authority: it expired at 2027-01-01T00:00:00.000Z',
      'serving certificate: it expired at 2026-04-01T00:00:00.000Z',
    ],
  ],
])('after %i days without a look', async (days, issued) => {
  const store = memoryStore();
  await ensureCertificates(store, names, start);
  const found = await ensureCertificates(store, names, start + days * day);
  expect(found.issued).toEqual(issued);
  expect(servable(found, start + days * day)).toBe(true);
});

test('for two years, what is served is trusted by clients that have not seen the latest bundle yet', {
  timeout: 60_000,
}, async () => {
  const store = memoryStore();
  const seen: ServedCertificates[] = [];
  const step = 4 * hour;
  let [authorities, leaves] = [0, 0];
  for (let now = start; now < start + 2 * 365 * day; now += step) {
    const found = await ensureCertificates(store, names, now);
    const before = seen.at(-1) ?? found;
    if (found.issued.some((what) => what.startsWith('authority'))) authorities += 1;
    if (found.issued.some((what) => what.startsWith('serving'))) leaves += 1;
    if (found.issued.length > 0) {
      expect(servable(found, now), `at ${new Date(now).toISOString()}`).toBe(true);
      expect(trusts(before.caBundle, found.certificate)).toBe(true);
      expect(trusts(found.caBundle, before.certificate)).toBe(true);
    }
    seen.push(found);
  }
  expect(authorities).toBe(3);
  expect(leaves).toBeGreaterThan(12);
  expect(readBundle(seen.at(-1)?.caBundle ?? '').length).toBeLessThanOrEqual(2);
});

describe('a store that holds something unfit', () => {
  test.each<[string, (stored: StoredCertificates) => StoredCertificates, readonly string[]]>([
    [
      'a leaf that is no certificate',
      (s) => ({ ...s, certificate: 'nonsense' }),
      ['serving certificate: it cannot be read'],
    ],
    ['no leaf', (s) => ({ ...s, certificate: '', key: '' }), ['serving certificate: it cannot be read']],
    [
      'the key of another leaf',
      (s) => ({ ...s, key: s.caKey }),
      ['serving certificate: its key belongs to another certificate'],
    ],
    ['no key', (s) => ({ ...s, key: '' }), ['serving certificate: its key belongs to another certificate']],
    [
      'the key of another authority',
      (s) => ({ ...s, caKey: s.key }),
      ['authority: its key belongs to another certificate'],
    ],
    [
      'no authority',
      (s) => ({ ...s, caBundle: '' }),
      ['authority: it cannot be read', 'serving certificate: its authority is not trusted any more'],
    ],
  ])('%s is replaced', async (_what, spoil, issued) => {
    const good = memoryStore();
    await ensureCertificates(good, names, start);
    const store = memoryStore(spoil(good.current as StoredCertificates));
    const found = await ensureCertificates(store, names, start + hour);
    expect(found.issued).toEqual(issued);
    expect(servable(found, start + hour)).toBe(true);
  });

  test('a leaf that lacks a name is replaced', async () => {
    const store = memoryStore();
    await ensureCertificates(store, names, start);
    const found = await ensureCertificates(store, [...names, 'webhook.example'], start);
    expect(found.issued).toEqual(['serving certificate: it does not name webhook.example']);
  });
});

test('replicas that start together serve the same certificates', async () => {
  const store = memoryStore();
  const [a, b, c] = await Promise.all([0, 1, 2].map(() => ensureCertificates(store, names, start)));
  expect(b).toMatchObject({ certificate: a?.certificate, key: a?.key, caBundle: a?.caBundle });
  expect(c).toMatchObject({ certificate: a?.certificate, key: a?.key, caBundle: a?.caBundle });
});

test('a store that never accepts a write is a fault, not an endless loop', async () => {
  const store = { ...memoryStore(), write: async () => false };
  await expect(ensureCertificates(store, names, start)).rejects.toThrow('another writer');
});

function servable({ caBundle, certificate, key }: ServedCertificates, now: number): boolean {
  const leaf = new X509Certificate(certificate);
  const valid = leaf.validFromDate.getTime() <= now && now < leaf.validToDate.getTime();
  return valid && leaf.checkPrivateKey(createPrivateKey(key)) && trusts(caBundle, certificate);
}

function trusts(caBundle: string, certificate: string): boolean {
  const leaf = new X509Certificate(certificate);
  return readBundle(caBundle).some((authority) => leaf.verify(authority.publicKey));
}
