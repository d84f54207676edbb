import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerProcess } from './server-process.ts';

export interface WaitUntilReadyOptions {
  /** Polled until it returns true. */
  ready: () => Promise<boolean>;
  /** What is waited for, as it appears in the error: `kube-apiserver to be ready`. */
  what: string;
  /** The servers it takes. If one of them ends, waiting is in vain. */
  servers: readonly ServerProcess[];
  /** Milliseconds. */
  deadline: number;
}

/** Throws at the deadline or when a server ends, and quotes the log of whoever is to blame. */
export async function waitUntilReady({ ready, what, servers, deadline }: WaitUntilReadyOptions): Promise<void> {
  const giveUpAt = performance.now() + deadline;
  while (!(await ready())) {
    const ended = servers.find((server) => server.end() !== undefined);
    if (ended !== undefined) throw new Error(`${ended.name} ended with ${ended.end()}:\n${ended.lastWords()}`);
    if (performance.now() > giveUpAt) {
      const logs = servers.map((server) => `${server.name}:\n${server.lastWords()}`).join('\n\n');
      throw new Error(`waited ${deadline / 1000} s in vain for ${what}\n\n${logs}`);
    }
    await sleep(50);
  }
}
