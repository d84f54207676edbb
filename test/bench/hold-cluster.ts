import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from 'undici';
import { startClusterCache } from '../../src/cluster/cache.ts';
import { createClient } from '../../src/cluster/client.ts';
import { watchedKinds } from '../../src/kubernetes/watched-kinds.ts';

/** What one cache of the whole cluster costs; times in seconds, memory in bytes. */
export interface HeldCluster {
  readonly seconds: number;
  readonly before: number;
  readonly peak: number;
  readonly settled: number;
  readonly heap: number;
}

/** Run with the URL of an API server that asks for no credentials; prints a HeldCluster. */
const agent = new Agent();
const client = createClient({
  server: process.argv[2] ?? '',
  namespace: undefined,
  dispatcher: () => agent,
  headers: async () => ({}),
  renew: async () => {},
});
const before = process.memoryUsage.rss();
const start = performance.now();
const log = { info: console.error, warn: console.error };
const cache = startClusterCache({ client, kinds: watchedKinds.values(), log });
while (!cache.ready()) await sleep(20);
const seconds = (performance.now() - start) / 1000;
await sleep(5_000);
const { rss, heapUsed } = process.memoryUsage();
console.log(
  JSON.stringify({
    seconds,
    before,
    peak: process.resourceUsage().maxRSS * 1024,
    settled: rss,
    heap: heapUsed,
  } satisfies HeldCluster),
);
process.exit(0);
