import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findOrBuildBinaries } from './binaries.ts';
import { readRecipe } from './recipe.ts';

let folder: string;
const log = vi.fn<(line: string) => void>();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daytwo-binaries-'));
  vi.clearAllMocks();
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

test('KUBEBUILDER_ASSETS comes first', async () => {
  await hold(folder, ['etcd', 'kube-apiserver', 'kubectl', 'kube-controller-manager']);
  expect(await find({ KUBEBUILDER_ASSETS: folder })).toBe(folder);
});

test('the three binaries of envtest are enough where no controller manager is needed', async () => {
  await hold(folder, ['etcd', 'kube-apiserver', 'kubectl']);
  const env = { KUBEBUILDER_ASSETS: folder };
  expect(await findOrBuildBinaries({ log, env, controllerManager: false })).toBe(folder);
});

test('where one is needed, their absence is told and the cache comes next', async () => {
  await hold(folder, ['etcd', 'kube-apiserver', 'kubectl']);
  const cached = join(folder, 'daytwo', 'control-plane', (await readRecipe()).key);
  await mkdir(cached, { recursive: true });
  expect(await find({ KUBEBUILDER_ASSETS: folder, XDG_CACHE_HOME: folder })).toBe(cached);
  expect(log).toHaveBeenCalledWith(expect.stringContaining('which has no kube-controller-manager'));
});

test('KUBEBUILDER_ASSETS without an API server is a mistake', async () => {
  await hold(folder, ['etcd']);
  await expect(find({ KUBEBUILDER_ASSETS: folder })).rejects.toThrow('which has no kube-apiserver, no kubectl.');
});

test('without XDG_CACHE_HOME the cache is in the home folder', async () => {
  const cached = join(folder, '.cache', 'daytwo', 'control-plane', (await readRecipe()).key);
  await mkdir(cached, { recursive: true });
  expect(await find({ HOME: folder, XDG_CACHE_HOME: 'relative' })).toBe(cached);
});

test('without Go one sentence names both ways out', async () => {
  await expect(find({ HOME: folder, PATH: folder })).rejects.toThrow(/install Go.* or set KUBEBUILDER_ASSETS/);
});

test('what the compiler says is passed on', async () => {
  const go = join(folder, 'bin', 'go');
  await mkdir(dirname(go));
  await writeFile(go, '#!/bin/sh\n[ "$1" = version ] || { echo "no space left on device" >&2; exit 1; }\n', {
    mode: 0o755,
  });
  const env = { HOME: folder, PATH: `${dirname(go)}:${process.env['PATH']}` };
  await expect(find(env)).rejects.toThrow(/go build .* failed \(exit code 1\):\nno space left on device/);
  expect(log).toHaveBeenCalledWith(expect.stringMatching(/^building etcd v3\.\d+\.\d+ \(1 of 4\)$/));
});

async function find(env: NodeJS.ProcessEnv): Promise<string> {
  return await findOrBuildBinaries({ log, env });
}

async function hold(assets: string, names: readonly string[]): Promise<void> {
  for (const name of names) await writeFile(join(assets, name), '');
}
