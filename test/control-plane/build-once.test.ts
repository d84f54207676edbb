import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { buildOnce } from './build-once.ts';

let target: string;
const log = vi.fn<(line: string) => void>();
const build = vi.fn(async (folder: string) => {
  await sleep(300);
  await writeFile(join(folder, 'binary'), 'built');
});

beforeEach(async () => {
  target = join(await mkdtemp(join(tmpdir(), 'daytwo-build-once-')), 'cache', 'v1');
  vi.clearAllMocks();
});
afterEach(async () => {
  await rm(dirname(dirname(target)), { recursive: true });
});

test('of two builders one builds, the other waits and uses the result', async () => {
  await Promise.all([buildOnce({ target, build, log }), buildOnce({ target, build, log })]);
  expect(build).toHaveBeenCalledOnce();
  expect(await readdir(dirname(target))).toEqual([basename(target)]);
  expect(await readdir(target)).toEqual(['binary']);
});

test('a build that fails leaves nothing, and the next one may try', async () => {
  build.mockRejectedValueOnce(new Error('no space left'));
  await expect(buildOnce({ target, build, log })).rejects.toThrow('no space left');
  expect(await readdir(dirname(target))).toEqual([]);
  await buildOnce({ target, build, log });
  expect(existsSync(join(target, 'binary'))).toBe(true);
});

test('the lock of a builder that died is taken over', async () => {
  await mkdir(join(`${target}.building`, 'unfinished'), { recursive: true });
  const start = performance.now();
  await Promise.all([
    buildOnce({ target, build, log, patience: 400 }),
    buildOnce({ target, build, log, patience: 5_000 }),
  ]);
  expect(performance.now() - start).toBeLessThan(4_000);
  expect(build).toHaveBeenCalledOnce();
  expect(await readdir(dirname(target))).toEqual([basename(target)]);
});

test('a builder that works for longer than our patience is left alone', async () => {
  build.mockImplementationOnce(async (folder) => {
    await sleep(5_000);
    await writeFile(join(folder, 'binary'), 'built');
  });
  await Promise.all([buildOnce({ target, build, log }), buildOnce({ target, build, log, patience: 3_000 })]);
  expect(build).toHaveBeenCalledOnce();
});
