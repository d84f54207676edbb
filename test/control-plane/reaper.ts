import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Owns a folder and the programs started in its name. Neither outlives this process, however it ends. */
export interface Reaper {
  /** Starts a program as the leader of its own process group. */
  spawn(command: string, args: readonly string[], options: ReapedSpawnOptions): ChildProcess;
  /** Kills what still runs and removes the folder; returns when both are done. May be called again. */
  reap(): Promise<void>;
}

export interface ReapedSpawnOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  stdio: StdioOptions;
}

/**
 * An exit hook in this process would not run after a kill −9, which is how a test runner ends a worker that hangs. So a
 * shell of its own waits at the end of a pipe, which the kernel closes when this process is gone, and cleans up then.
 * `reap()` closes the same pipe: the way out after an accident is the way out of every test.
 *
 * `folder` exists already, and must be a folder that nobody would miss.
 */
export function startReaper(folder: string): Reaper {
  const processIds = join(folder, 'pids');
  mkdirSync(processIds);
  // Detached, or the Ctrl-C that ends this process would end the reaper before its work.
  const shell = spawn('sh', ['-c', reaperScript, 'reaper', folder], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const reaped = once(shell, 'exit');
  const exits: Promise<void>[] = [];

  return {
    spawn(command, args, options) {
      const child = spawn(command, args, { ...options, detached: true });
      if (child.pid === undefined) return child;
      const processIdFile = join(processIds, String(child.pid));
      writeFileSync(processIdFile, command);
      // Once a process has ended, its number may belong to a stranger.
      exits.push(once(child, 'exit').then(() => rmSync(processIdFile, { force: true })));
      return child;
    },
    async reap() {
      shell.stdin.end();
      await reaped;
      await Promise.all(exits);
    },
  };
}

/** A process that was just killed may still finish the creation of a file, hence more than one try. */
const reaperScript = `
cat >/dev/null
for file in "$1"/pids/*; do kill -s KILL -- "-\${file##*/}"; done 2>/dev/null
for attempt in 1 2 3 4 5 6 7 8 9 10; do rm -rf -- "$1" && break; sleep 0.1; done
`;
