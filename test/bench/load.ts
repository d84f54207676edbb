import { readFileSync } from 'node:fs';
import { Pool } from 'undici';

/** What `load.ts` measures, printed as one line of JSON. */
export interface LoadResult {
  readonly requests: number;
  readonly failed: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
}

/** `node load.ts <address> <ca file> <file of bodies, one a line> <requests>`: 16 keep-alive connections, one request at a time on each. */
const [address = '', ca = '', bodies = '', requests = '0'] = process.argv.slice(2);
const connections = 16;

const payloads = readFileSync(bodies, 'utf8')
  .split('\n')
  .map((line) => Buffer.from(line));
const pool = new Pool(address, { connections, pipelining: 1, connect: { ca: readFileSync(ca) } });
const times = new Float64Array(Number(requests));
let next = 0;
let failed = 0;
const started = performance.now();
await Promise.all(Array.from({ length: connections }, postUntilDone));
const seconds = (performance.now() - started) / 1000;
await pool.close();
times.sort();
const result: LoadResult = { requests: times.length, failed, seconds, p50: percentile(0.5), p99: percentile(0.99) };
process.stdout.write(`${JSON.stringify(result)}\n`);

async function postUntilDone(): Promise<void> {
  while (next < times.length) {
    const at = next++;
    const body = payloads[at % payloads.length] ?? null;
    const sent = performance.now();
    const response = await pool.request({
      path: '/validate?timeout=10s',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const text = await response.body.text();
    times[at] = performance.now() - sent;
    if (response.statusCode !== 200 || !text.includes('"allowed":')) failed += 1;
  }
}

/** In milliseconds. */
function percentile(share: number): number {
  return times[Math.floor(times.length * share)] ?? 0;
}
