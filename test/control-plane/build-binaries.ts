import { once } from 'node:events';
import { setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import type { Reaper } from './reaper.ts';
import { type Binary, goModuleFolder, type Recipe } from './recipe.ts';

export interface BuildBinariesOptions {
  recipe: Recipe;
  /** An existing folder, into which the binaries go. */
  folder: string;
  reaper: Reaper;
  log: (line: string) => void;
  env: NodeJS.ProcessEnv;
}

/** Builds with Go, one binary after the other: Go itself keeps every core busy. Throws with the compiler's words. */
export async function buildBinaries({ recipe, folder, reaper, log, env }: BuildBinariesOptions): Promise<void> {
  for (const [index, binary] of recipe.binaries.entries()) {
    const title = `building ${binary.name} ${binary.version} (${index + 1} of ${recipe.binaries.length})`;
    const start = performance.now();
    const elapsed = () => `${Math.round((performance.now() - start) / 1000)} s`;
    log(title);
    // A minute of silence looks like a hang, in CI most of all.
    const progress = setInterval(() => log(`${title} … ${elapsed()}`), 15_000);
    try {
      await buildBinary({ recipe, binary, file: join(folder, binary.name), reaper, env });
    } finally {
      clearInterval(progress);
    }
    log(`${title} took ${elapsed()}`);
  }
}

interface BuildBinaryOptions extends Pick<BuildBinariesOptions, 'recipe' | 'reaper' | 'env'> {
  binary: Binary;
  /** The binary's path. */
  file: string;
}

async function buildBinary({ recipe, binary, file, reaper, env }: BuildBinaryOptions): Promise<void> {
  const go = reaper.spawn('go', ['build', ...recipe.goBuildFlags, '-o', file, binary.package], {
    cwd: goModuleFolder,
    // Go's work folder goes where the reaper finds it: a Go that is killed leaves hundreds of megabytes.
    env: { ...env, ...recipe.goEnv, GOTMPDIR: dirname(file) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let words = '';
  go.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words += text;
  });
  if (go.pid !== undefined) stepBack(go.pid);
  // Rejects where go cannot be started at all. 'close', not 'exit': stderr has been read to its end by then.
  await once(go, 'close');
  if (go.exitCode !== 0) {
    const lastWords = words.trim().split('\n').slice(-20).join('\n');
    throw new Error(
      `go build ${binary.package} failed (${go.signalCode ?? `exit code ${go.exitCode}`}):\n${lastWords}`,
    );
  }
}

/** A build of minutes on every core should not stall whoever waits for it. */
function stepBack(processId: number): void {
  try {
    setPriority(processId, 10);
  } catch {
    // It has ended already, or the system has no priorities: only politeness is lost.
  }
}
