import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { repository } from './source-files.ts';

const git = spawnSync('git', ['ls-files', '-z'], { cwd: repository, encoding: 'utf8' });
const tracked = (git.stdout ?? '')
  .split('\0')
  .filter((path) => path !== '' && path !== 'test/house/repository.test.ts' && existsSync(join(repository, path)));

/** Folders of one machine, and the places that packages happen to come from there. A node's `/root/.aws` is a check's business. */
const forbidden =
  /(?<![\w.-])\/(work\b|root\b(?!\/\.(aws|azure|config|kube)))|registry\.npmjs|proxy\.golang|sum\.golang|_authToken/;

describe.skipIf(git.status !== 0)('files under version control (skipped outside a git checkout)', () => {
  test.each(tracked)('%s names no machine and no registry', (path) => {
    const text = readFileSync(join(repository, path), 'utf8');
    expect(text.match(forbidden)?.[0]).toBeUndefined();
    for (const host of hostsOfThisMachine()) expect(text).not.toContain(host);
  });

  test('the lock file pins contents, not places', () => {
    const lock = readFileSync(join(repository, 'package-lock.json'), 'utf8');
    expect(lock).toContain('"integrity"');
    expect(lock).not.toContain('"resolved"');
  });
});

function hostsOfThisMachine(): readonly string[] {
  return ['npm_config_registry', 'GOPROXY'].flatMap((name) => {
    const value = process.env[name] ?? '';
    return URL.canParse(value) ? [new URL(value).hostname] : [];
  });
}
