import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { buildBinaries } from './build-binaries.ts';
import { buildOnce } from './build-once.ts';
import { type BinaryName, type Recipe, readRecipe } from './recipe.ts';

export interface FindOrBuildBinariesOptions {
  /** Gets the progress of a build, a line at a time. */
  log: (line: string) => void;
  /** Whether a kube-controller-manager is needed too: envtest's folders hold none. True by default. */
  controllerManager?: boolean;
  env?: NodeJS.ProcessEnv;
}

/**
 * The folder that holds etcd, kube-apiserver, kubectl and, if asked for, kube-controller-manager: the one that
 * KUBEBUILDER_ASSETS names, else the user's cache, else a build with Go (minutes, once for each set of versions).
 *
 * Throws where KUBEBUILDER_ASSETS names a folder without the first three, where Go is needed and missing, and where the
 * build fails.
 */
export async function findOrBuildBinaries({
  log,
  controllerManager = true,
  env = process.env,
}: FindOrBuildBinariesOptions): Promise<string> {
  const assets = env['KUBEBUILDER_ASSETS'] && resolve(env['KUBEBUILDER_ASSETS']);
  if (assets && holdsEverything(assets, controllerManager, log)) return assets;

  const recipe = await readRecipe();
  const cached = join(cacheFolder(env), 'daytwo', 'control-plane', recipe.key);
  if (!existsSync(cached)) await build(recipe, cached, log, env);
  return cached;
}

function holdsEverything(assets: string, controllerManager: boolean, log: (line: string) => void): boolean {
  const missing = (['etcd', 'kube-apiserver', 'kubectl'] satisfies BinaryName[]).filter(
    (name) => !existsSync(join(assets, name)),
  );
  if (missing.length > 0) throw new Error(`KUBEBUILDER_ASSETS names ${assets}, which has no ${missing.join(', no ')}.`);
  if (!controllerManager || existsSync(join(assets, 'kube-controller-manager'))) return true;
  // Never one of ours beside their API server: a controller manager must not be newer than its API server.
  log(`KUBEBUILDER_ASSETS names ${assets}, which has no kube-controller-manager: using a control plane of our own`);
  return false;
}

/** As the XDG Base Directory Specification has it: a relative path is to be ignored. */
function cacheFolder(env: NodeJS.ProcessEnv): string {
  const folder = env['XDG_CACHE_HOME'];
  return folder && isAbsolute(folder) ? folder : join(env['HOME'] ?? homedir(), '.cache');
}

async function build(
  recipe: Recipe,
  target: string,
  log: (line: string) => void,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  if (spawnSync('go', ['version'], { env }).error) {
    throw new Error(
      `No control plane to test against: install Go, with which Kubernetes ${recipe.kubernetesVersion} is built once, ` +
        'or set KUBEBUILDER_ASSETS to a folder that holds etcd, kube-apiserver, kube-controller-manager and kubectl.',
    );
  }
  await buildOnce({ target, log, build: (folder, reaper) => buildBinaries({ recipe, folder, reaper, log, env }) });
}
