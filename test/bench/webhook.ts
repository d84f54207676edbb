import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { certificateFiles } from '../../src/certs/certificate-files.ts';
import { ensureCertificates } from '../../src/certs/ensure-certificates.ts';
import type { LoadResult } from './load.ts';
import { deploymentReviews } from './reviews.ts';

const bundle = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** A server under load, and the work that it does for one request. */
interface Server {
  readonly process: ChildProcess;
  readonly address: string;
}

interface Round extends LoadResult {
  readonly perCpuSecond: number;
}

/**
 * Requests per CPU-second of `/validate` with eight checks and the log line, against a bare node:https server that parses
 * and allows; rounds alternate, so that both meet the same machine.
 */
export async function benchWebhook(rounds = 7): Promise<void> {
  await withServers(async (folder, daytwo, floor) => {
    for (const { title, extraBytes, requests, goal } of [
      { title: '4-8 KB', extraBytes: 0, requests: 12_000, goal: 0.75 },
      { title: '60 KB', extraBytes: 46_000, requests: 3_000, goal: 0.85 },
    ]) {
      const bodies = writeBodies(folder, deploymentReviews(50, extraBytes));
      for (const server of [daytwo, floor]) await measure(folder, server, bodies.file, requests);
      const results: { readonly daytwo: Round; readonly floor: Round }[] = [];
      for (let round = 0; round < rounds; round += 1) {
        results.push({
          daytwo: await measure(folder, daytwo, bodies.file, requests),
          floor: await measure(folder, floor, bodies.file, requests),
        });
      }
      const ratio = median(results.map(({ daytwo, floor }) => daytwo.perCpuSecond / floor.perCpuSecond));
      const p99 = median(results.map(({ daytwo, floor }) => daytwo.p99 / floor.p99));
      const [ours, theirs] = [results.map(({ daytwo }) => daytwo), results.map(({ floor }) => floor)];
      console.log(
        `webhook ${title} (${bodies.averageBytes} bytes): ${render(ours)}; floor ${render(theirs)}; ` +
          `ratio ${ratio.toFixed(2)} (goal >= ${goal}), p99 ratio ${p99.toFixed(2)} (goal <= 2)`,
      );
    }
  });
}

/** Resident memory after 10,000 and after 100,000 requests. */
export async function benchMemory(): Promise<void> {
  await withServers(async (folder, daytwo) => {
    const { file } = writeBodies(folder, deploymentReviews(1000));
    await measure(folder, daytwo, file, 10_000);
    const early = residentBytes(daytwo);
    await measure(folder, daytwo, file, 90_000);
    const late = residentBytes(daytwo);
    const mebibytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MiB`;
    console.log(
      `webhook memory: ${mebibytes(early)} after 10,000 requests, ${mebibytes(late)} after 100,000; ` +
        `ratio ${(late / early).toFixed(2)} (goal <= 1.10)`,
    );
  });
}

async function withServers(use: (folder: string, daytwo: Server, floor: Server) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'daytwo-bench-'));
  const servers: Server[] = [];
  try {
    await ensureCertificates(certificateFiles(folder), ['localhost', '127.0.0.1'], Date.now());
    const flags = ['serve', '--no-cluster', '--certs', folder, '--host', '127.0.0.1', '--port', '0', '--drain', '0'];
    const daytwo = await start(folder, 'daytwo', [bundle, ...flags]);
    servers.push(daytwo);
    const floor = await start(folder, 'floor', [script('floor.ts'), folder]);
    servers.push(floor);
    await use(folder, daytwo, floor);
  } finally {
    for (const { process } of servers) process.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
}

/** Its output goes to a file, as a container's does. */
async function start(folder: string, name: string, argv: readonly string[]): Promise<Server> {
  const output = join(folder, `${name}.log`);
  const descriptor = openSync(output, 'w');
  const child = spawn(process.execPath, argv, { stdio: ['ignore', descriptor, 'inherit'] });
  closeSync(descriptor);
  for (let tries = 0; tries < 200 && child.exitCode === null; tries += 1) {
    const address = /"address":"([^"]+)"/.exec(readFileSync(output, 'utf8'))?.[1];
    if (address !== undefined) return { process: child, address };
    await sleep(50);
  }
  throw new Error(`${name} did not start; run npm run build first`);
}

function writeBodies(
  folder: string,
  bodies: readonly string[],
): { readonly file: string; readonly averageBytes: number } {
  const file = join(folder, 'bodies.jsonl');
  const text = bodies.join('\n');
  writeFileSync(file, text);
  return { file, averageBytes: Math.round(text.length / bodies.length) };
}

async function measure(folder: string, server: Server, bodies: string, requests: number): Promise<Round> {
  const before = cpuSeconds(server);
  const { stdout } = await promisify(execFile)(process.execPath, [
    script('load.ts'),
    server.address,
    join(folder, 'ca.crt'),
    bodies,
    String(requests),
  ]);
  const result = JSON.parse(stdout) as LoadResult;
  if (result.failed > 0) throw new Error(`${result.failed} of ${requests} requests failed`);
  return { ...result, perCpuSecond: requests / (cpuSeconds(server) - before) };
}

/** User and system time of all threads, at 100 ticks a second. Source: proc_pid_stat(5), fields 14 and 15. */
function cpuSeconds({ process }: Server): number {
  const stat = readFileSync(`/proc/${process.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function residentBytes({ process }: Server): number {
  const kibibytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${process.pid}/status`, 'utf8'))?.[1];
  return Number(kibibytes) * 1024;
}

function render(rounds: readonly Round[]): string {
  const rate = Math.round(median(rounds.map(({ perCpuSecond }) => perCpuSecond)));
  return `${rate} requests per CPU-second, p99 ${median(rounds.map(({ p99 }) => p99)).toFixed(1)} ms`;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
