import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CertsOptions, runCerts } from '../../src/commands/certs.ts';
import { OperatorError } from '../../src/errors.ts';
import { temporaryFolder } from '../audit/temporary-folder.ts';

async function certs(action: CertsOptions['action'], folder: string): Promise<string> {
  let shown = '';
  const print = (text: string): void => void (shown += text);
  const options = { action, folder, service: 'daytwo', namespace: 'guard', names: ['webhook.example'] };
  const exitCode = await runCerts(options, {
    stdout: print,
    stderr: print,
    stdin: async () => Buffer.alloc(0),
    color: false,
  });
  expect(exitCode).toBe(0);
  return shown;
}

test('issue makes what is missing and shows names and dates, never a key', async () => {
  const folder = temporaryFolder();
  const shown = await certs('issue', folder);
  expect(shown).toContain('issued authority: there was none\nissued serving certificate: there was none\n');
  expect(shown).toContain('daytwo.guard.svc, daytwo.guard.svc.cluster.local, localhost, 127.0.0.1, webhook.example');
  expect(shown).toMatch(/valid {4}\d{4}-\d\d-\d\d \d\d:\d\d to \d{4}-/);
  expect(shown).not.toContain('KEY');
  expect(await certs('issue', folder)).toMatch(/^nothing is due\n/);
});

test('renew makes a new serving certificate and keeps the authority', async () => {
  const folder = temporaryFolder();
  await certs('issue', folder);
  const [ca, leaf] = [readFileSync(join(folder, 'ca.crt'), 'utf8'), readFileSync(join(folder, 'tls.crt'), 'utf8')];
  await certs('renew', folder);
  expect(readFileSync(join(folder, 'ca.crt'), 'utf8')).toBe(ca);
  expect(readFileSync(join(folder, 'tls.crt'), 'utf8')).not.toBe(leaf);
});

test('inspect changes nothing, and says what to do where there is nothing', async () => {
  const folder = temporaryFolder();
  await expect(certs('inspect', folder)).rejects.toThrow(
    `${folder}: no certificates; make some with: daytwo certs issue`,
  );
  await certs('issue', folder);
  const leaf = readFileSync(join(folder, 'tls.crt'), 'utf8');
  expect(await certs('inspect', folder)).toContain(`serving certificate (${folder}/tls.crt)`);
  expect(readFileSync(join(folder, 'tls.crt'), 'utf8')).toBe(leaf);
});

test('inspect of something else is a sentence, not a stack', async () => {
  const folder = temporaryFolder();
  await certs('issue', folder);
  writeFileSync(join(folder, 'tls.crt'), 'nonsense');
  await expect(certs('inspect', folder)).rejects.toThrow(OperatorError);
});
