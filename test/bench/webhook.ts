import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { certificateFiles } from '../../src/certs/certificate-files.ts';
import { ensureCertificates } from '../../src/certs/ensure-certificates.ts';
import type { LoadPlan, LoadRound } from './load.ts';
import { imageFlags } from './image-flags.ts';
import { median } from './median.ts';
import { deploymentReviews } from './reviews.ts';

const bundle = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
/** As the image starts it. */
const nodeFlags = imageFlags();
const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

interface Goals {
  /** Of requests per CPU-second, to the floor's. */
  readonly ratio: number;
  readonly p99: number;
}

interface Server {
  readonly process: ChildProcess;
  readonly address: string;
}

/** Eight checks have goals; the shipped policy has many more, and each costs something. */
const policies = { 'eight checks': script('eight-checks.yaml'), baseline: 'baseline' };
const objects = [
  { title: '8 KB', extraBytes: 0, rounds: 100, goals: { ratio: 0.75, p99: 2 } },
  { title: '60 KB', extraBytes: 52_000, rounds: 40, goals: { ratio: 0.85, p99: 2 } },
];

/**
 * What `/validate` costs with checks and the log line, against a bare node:https server that parses and allows: requests
 * per CPU-second, and the time of the slowest of a hundred.
 */
export async function benchWebhook(): Promise<void> {
  for (const [name, policy] of Object.entries(policies)) {
    await withServers(policy, async (folder, daytwo, floor) => {
      for (const { title, extraBytes, rounds, goals } of objects) {
        const bodies = deploymentReviews(50, extraBytes);
        await load(folder, [daytwo, floor], bodies, { chunk: 500, rounds: 40 });
        const measured = await load(folder, [daytwo, floor], bodies, { chunk: 500, rounds });
        const found = {
          ratio: median(measured.map(([ours, theirs]) => (theirs?.cpu ?? 0) / (ours?.cpu ?? 1))),
          p99: median(measured.map(([ours, theirs]) => (ours?.p99 ?? 0) / (theirs?.p99 ?? 1))),
        };
        console.log(
          `webhook, ${name}, ${title} (${bodies[0]?.length} bytes): ${render(measured, 0)}; floor ${render(measured, 1)}; ` +
            (name === 'baseline' ? `ratio ${found.ratio.toFixed(2)}` : compare(found, goals)),
        );
      }
    });
  }
}

/** Resident memory after 10,000 and after 100,000 requests. */
export async function benchMemory(): Promise<void> {
  await withServers(policies['eight checks'], async (folder, daytwo) => {
    const bodies = deploymentReviews(1000);
    await load(folder, [daytwo], bodies, { chunk: 1000, rounds: 10 });
    const early = residentBytes(daytwo);
    await load(folder, [daytwo], bodies, { chunk: 1000, rounds: 90 });
    const late = residentBytes(daytwo);
    const mebibytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MiB`;
    console.log(
      `webhook memory: ${mebibytes(early)} after 10,000 requests, ${mebibytes(late)} after 100,000; ` +
        `ratio ${(late / early).toFixed(2)} (goal <= 1.10)`,
    );
  });
}

async function withServers(
  policy: string,
  use: (folder: string, daytwo: Server, floor: Server) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'daytwo-bench-'));
  const servers: Server[] = [];
  try {
    await ensureCertificates(certificateFiles(folder), ['localhost', '127.0.0.1'], Date.now());
    const flags = ['--no-cluster', '--policy', policy, '--certs', folder, '--host', '127.0.0.1', '--port', '0'];
    const daytwo = await start(folder, 'daytwo', [...nodeFlags, bundle, 'serve', ...flags]);
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
  child.kill('SIGKILL');
  throw new Error(`${name} did not start; run npm run build first`);
}

/** Sends from a third process, so that its own work is on nobody's account. */
async function load(
  folder: string,
  servers: readonly Server[],
  bodies: readonly string[],
  { chunk, rounds }: Pick<LoadPlan, 'chunk' | 'rounds'>,
): Promise<readonly LoadRound[]> {
  const file = join(folder, 'bodies.jsonl');
  writeFileSync(file, bodies.join('\n'));
  const plan: LoadPlan = {
    servers: servers.map(({ address, process }) => ({ address, pid: process.pid ?? 0 })),
    ca: join(folder, 'ca.crt'),
    bodies: file,
    chunk,
    rounds,
  };
  const { stdout } = await promisify(execFile)(process.execPath, [script('load.ts'), JSON.stringify(plan)]);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LoadRound);
}

function residentBytes({ process }: Server): number {
  const kibibytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${process.pid}/status`, 'utf8'))?.[1];
  return Number(kibibytes) * 1024;
}

function render(rounds: readonly LoadRound[], server: number): string {
  const costs = rounds.map((round) => round[server]).filter((cost) => cost !== undefined);
  const rate = Math.round(1e6 / median(costs.map(({ cpu }) => cpu)));
  return `${rate} requests per CPU-second, p99 ${median(costs.map(({ p99 }) => p99)).toFixed(1)} ms`;
}

function compare(found: Goals, goals: Goals): string {
  return (
    `ratio ${found.ratio.toFixed(2)} (goal >= ${goals.ratio}), ` +
    `p99 ${found.p99.toFixed(2)} times the floor's (goal <= ${goals.p99})`
  );
}
