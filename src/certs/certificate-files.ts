import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CertificateStore, StoredCertificates } from './certificate-store.ts';

/** File of each part, in the order in which they are written; the keys are for their owner's eyes only. */
const files = [
  { part: 'caBundle', name: 'ca.crt', mode: 0o644 },
  { part: 'caKey', name: 'ca.key', mode: 0o600 },
  { part: 'certificate', name: 'tls.crt', mode: 0o644 },
  { part: 'key', name: 'tls.key', mode: 0o600 },
] as const;

/**
 * Certificates as four files in a folder, for a server outside a cluster. Each file is replaced as a whole; a crash
 * between two of them leaves a key without its certificate, which the next call sees and issues anew.
 */
export function certificateFiles(folder: string): CertificateStore {
  return {
    read: () => readFiles(folder),
    async write(next, previous) {
      if (!sameCertificates(await readFiles(folder), previous)) return false;
      await mkdir(folder, { recursive: true });
      for (const { part, name, mode } of files) await replaceFile(join(folder, name), next[part], mode);
      return true;
    },
  };
}

async function readFiles(folder: string): Promise<StoredCertificates | undefined> {
  const parts = await Promise.all(files.map(async ({ part, name }) => [part, await readIfThere(join(folder, name))]));
  if (parts.every(([, text]) => text === undefined)) return undefined;
  return Object.fromEntries(parts.map(([part, text]) => [part, text ?? '']));
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function sameCertificates(a: StoredCertificates | undefined, b: StoredCertificates | undefined): boolean {
  return files.every(({ part }) => a?.[part] === b?.[part]);
}

async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(draft, text, { mode, flag: 'wx' });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
