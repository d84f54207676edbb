import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { corpusSize, writeAuditCorpus } from './audit-corpus.ts';
import { median } from './median.ts';

const bundle = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const parseOnly = fileURLToPath(new URL('parse-only.ts', import.meta.url));

/**
 * The audit of 5,000 Deployments, from start to printed report, against js-yaml alone on the same files; runs alternate, so
 * that both meet the same machine.
 */
export function benchAudit(rounds = 7): void {
  const folder = mkdtempSync(join(tmpdir(), 'daytwo-bench-'));
  try {
    const megabytes = writeAuditCorpus(folder) / 1_000_000;
    const times = Array.from({ length: rounds }, () => ({
      audit: secondsOf([bundle, 'audit', '--complete', folder]),
      parser: secondsOf([parseOnly, folder]),
    }));
    const ratio = median(times.map(({ audit, parser }) => audit / parser));
    console.log(
      `audit of ${corpusSize.deployments} Deployments in ${corpusSize.files} files (${megabytes.toFixed(1)} MB): ` +
        `${median(times.map(({ audit }) => audit)).toFixed(2)} s; ` +
        `js-yaml alone ${median(times.map(({ parser }) => parser)).toFixed(2)} s; ratio ${ratio.toFixed(2)} (goal <= 2)`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function secondsOf(args: readonly string[]): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { maxBuffer: 1 << 30, encoding: 'utf8' });
  const seconds = (performance.now() - start) / 1000;
  if (status !== 0 && status !== 1) throw new Error(`node ${args.join(' ')} ended with ${status}:\n${stderr}`);
  return seconds;
}
