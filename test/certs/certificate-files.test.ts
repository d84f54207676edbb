import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { certificateFiles } from '../../src/certs/certificate-files.ts';
import { ensureCertificates } from '../../src/certs/ensure-certificates.ts';

const names = ['localhost'];
let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'daytwo-certs-')), 'certs');
});
afterEach(() => rm(join(folder, '..'), { recursive: true }));

test('an absent folder holds nothing', async () => {
  expect(await certificateFiles(folder).read()).toBeUndefined();
});

test('writes four files, the keys for their owner alone, and leaves no draft behind', async () => {
  await ensureCertificates(certificateFiles(folder), names, Date.now());
  expect((await readdir(folder)).toSorted()).toEqual(['ca.crt', 'ca.key', 'tls.crt', 'tls.key']);
  expect(await modeOf('ca.key')).toBe('600');
  expect(await modeOf('tls.key')).toBe('600');
});

test('a key file that others could read is replaced by one that they cannot', async () => {
  const store = certificateFiles(folder);
  await ensureCertificates(store, names, Date.now());
  await rm(join(folder, 'tls.key'));
  await writeFile(join(folder, 'tls.key'), 'lost', { mode: 0o644 });
  await ensureCertificates(store, names, Date.now());
  expect(await modeOf('tls.key')).toBe('600');
});

test('what is read is what was written', async () => {
  const store = certificateFiles(folder);
  const issued = await ensureCertificates(store, names, Date.now());
  expect(await certificateFiles(folder).read()).toMatchObject({ caBundle: issued.caBundle, key: issued.key });
});

test('a file that is gone is issued anew', async () => {
  const store = certificateFiles(folder);
  await ensureCertificates(store, names, Date.now());
  await rm(join(folder, 'tls.crt'));
  expect((await ensureCertificates(store, names, Date.now())).issued).toEqual([
    'serving certificate: it cannot be read',
  ]);
});

test('whoever has not read the latest files does not write over them', async () => {
  const store = certificateFiles(folder);
  await ensureCertificates(store, names, Date.now());
  const read = await store.read();
  await writeFile(join(folder, 'tls.key'), 'written by another process');
  expect(await store.write({ caBundle: '', caKey: '', certificate: '', key: '' }, read)).toBe(false);
});

async function modeOf(name: string): Promise<string> {
  return ((await stat(join(folder, name))).mode & 0o777).toString(8);
}
