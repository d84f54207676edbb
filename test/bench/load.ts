import { readFileSync } from 'node:fs';
import { Pool } from 'undici';
import { cpuTime } from './cpu-time.ts';

/** What `node load.ts <plan as JSON>` does. */
export interface LoadPlan {
  readonly servers: readonly { readonly address: string; readonly pid: number }[];
  /** File of the authority's certificate. */
  readonly ca: string;
  /** File of AdmissionReviews, one a line. */
  readonly bodies: string;
  /** Requests to one server before it is the next one's turn. */
  readonly chunk: number;
  readonly rounds: number;
}

/** One JSON line on stdout, a round each: what a chunk cost each server. */
export type LoadRound = readonly ChunkCost[];

export interface ChunkCost {
  /** Microseconds of CPU a request. */
  readonly cpu: number;
  /** Milliseconds. */
  readonly p99: number;
}

/** As many as an API server opens under load; each sends one request at a time and is kept alive. */
const connections = 16;

const plan = JSON.parse(process.argv[2] ?? '{}') as LoadPlan;
const payloads = readFileSync(plan.bodies, 'utf8')
  .split('\n')
  .map((line) => Buffer.from(line));
const servers = plan.servers.map(({ address, pid }) => ({
  pid,
  pool: new Pool(address, { connections, pipelining: 1, connect: { ca: readFileSync(plan.ca) } }),
}));

// Short turns: whatever else the machine does meets all servers alike.
for (let round = 0; round < plan.rounds; round += 1) {
  const costs: ChunkCost[] = [];
  for (const { pid, pool } of servers) costs.push(await sendChunk(pid, pool));
  process.stdout.write(`${JSON.stringify(costs satisfies LoadRound)}\n`);
}
await Promise.all(servers.map(({ pool }) => pool.close()));

async function sendChunk(pid: number, pool: Pool): Promise<ChunkCost> {
  const times: number[] = [];
  let sent = 0;
  const before = cpuTime(pid);
  const sendUntilDone = async (): Promise<void> => {
    while (sent < plan.chunk) {
      const body = payloads[sent % payloads.length];
      sent += 1;
      times.push(await send(pool, body));
    }
  };
  await Promise.all(Array.from({ length: connections }, sendUntilDone));
  const cpu = (cpuTime(pid) - before) / plan.chunk;
  return { cpu, p99: times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0 };
}

/** @returns milliseconds until the whole answer was there */
async function send(pool: Pool, body: Buffer | undefined): Promise<number> {
  const started = performance.now();
  const response = await pool.request({
    path: '/validate?timeout=10s',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: body ?? null,
  });
  const answer = await response.body.text();
  if (response.statusCode !== 200 || !answer.includes('"allowed":')) throw new Error(`unexpected answer: ${answer}`);
  return performance.now() - started;
}
