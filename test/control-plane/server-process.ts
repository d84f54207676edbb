import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Reaper } from './reaper.ts';

/** One server of the control plane. */
export interface ServerProcess {
  name: string;
  processId: number;
  /** How it ended, for example `exit code 1`; undefined as long as it runs. */
  end(): string | undefined;
  /** Ends it without notice and returns when it is gone. */
  kill(): Promise<void>;
  /** The last lines of its log. */
  lastWords(): string;
}

export interface ServerProcessOptions {
  name: string;
  binary: string;
  flags: readonly string[];
  /** stdout and stderr are appended to it. */
  logFile: string;
  folder: string;
  reaper: Reaper;
}

/** Throws where the binary cannot be started. */
export async function startServer(options: ServerProcessOptions): Promise<ServerProcess> {
  const { name, binary, flags, logFile, folder, reaper } = options;
  const log = openSync(logFile, 'a');
  const child = reaper.spawn(binary, flags, {
    cwd: folder,
    // Nothing of the developer's environment: no proxy, no KUBECONFIG, no GODEBUG.
    env: { PATH: process.env['PATH'], HOME: folder },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const ended = Promise.withResolvers<void>();
  child.once('exit', () => ended.resolve());
  const started = Promise.withResolvers<void>();
  child.once('spawn', () => started.resolve());
  child.once('error', (error) => started.reject(error));
  await started.promise;
  const processId = child.pid;
  if (processId === undefined) throw new Error(`${name} has no process id`);

  return {
    name,
    processId,
    end() {
      return child.signalCode ?? (child.exitCode === null ? undefined : `exit code ${child.exitCode}`);
    },
    async kill() {
      child.kill('SIGKILL');
      await ended.promise;
    },
    lastWords() {
      return readFileSync(logFile, 'utf8').trim().split('\n').slice(-20).join('\n');
    },
  };
}
