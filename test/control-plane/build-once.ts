import { existsSync } from 'node:fs';
import { mkdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Reaper, startReaper } from './reaper.ts';

export interface BuildOnceOptions {
  /** The folder to make. It appears complete or not at all. */
  target: string;
  /** Fills an empty folder; the reaper ends the programs it starts if this process dies. */
  build: (folder: string, reaper: Reaper) => Promise<void>;
  log: (line: string) => void;
  /** Milliseconds without a sign of life after which another builder counts as dead. */
  patience?: number;
}

/**
 * Makes a folder unless it exists, at most once at a time among all processes of the machine.
 *
 * The folder in which the builder works is the lock, because mkdir tells one caller only that it made it. Its
 * modification time is the builder's heartbeat. The lock merely saves work: what keeps the result whole is the rename.
 */
export async function buildOnce({ target, build, log, patience = 30_000 }: BuildOnceOptions): Promise<void> {
  const lock = `${target}.building`;
  await mkdir(dirname(target), { recursive: true });
  while (!existsSync(target)) {
    if (await makeFolder(lock)) await buildBehind(lock, target, build);
    else await waitForRelease(lock, patience, log);
  }
}

async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function buildBehind(lock: string, target: string, build: BuildOnceOptions['build']): Promise<void> {
  const reaper = startReaper(lock);
  const heartbeat = setInterval(() => beat(lock), 2_000);
  try {
    // The builder before us may have finished between our look at the target and our lock.
    if (existsSync(target)) return;
    const unfinished = join(lock, 'unfinished');
    await mkdir(unfinished);
    await build(unfinished, reaper);
    await moveUnlessThere(unfinished, target);
  } finally {
    clearInterval(heartbeat);
    await reaper.reap();
  }
}

function beat(lock: string): void {
  const now = new Date();
  // Without its folder the build fails by itself, and with a better message.
  utimes(lock, now, now).catch(() => {});
}

async function moveUnlessThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    // Somebody took us for dead and was faster. What they built is the same.
    if (!hasCode(error, 'ENOTEMPTY') && !hasCode(error, 'EEXIST')) throw error;
  }
}

/** Returns when the lock is gone: released, or taken away from a builder that gave no sign of life. */
async function waitForRelease(lock: string, patience: number, log: (line: string) => void): Promise<void> {
  log('another process is building the control plane: waiting for it');
  let heartbeat = await modifiedAt(lock);
  // Measured by our own clock, which stands still while the machine sleeps, and not by the age of the file.
  let quietSince = performance.now();
  while (heartbeat !== undefined) {
    await sleep(Math.min(500, patience));
    const latest = await modifiedAt(lock);
    if (latest !== heartbeat) {
      heartbeat = latest;
      quietSince = performance.now();
    } else if (performance.now() - quietSince >= patience) {
      log('the other builder gives no sign of life: taking over');
      await removeLock(lock);
      return;
    }
  }
}

async function modifiedAt(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** By a rename first: of several that wait, one gets it, and none can remove the lock of the next builder by halves. */
async function removeLock(lock: string): Promise<void> {
  const abandoned = `${lock}.abandoned-${process.pid}`;
  try {
    await rename(lock, abandoned);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  await rm(abandoned, { recursive: true, force: true });
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
