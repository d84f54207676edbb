import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';

test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
  'after %s of their owner, programs and folder go',
  async (signal) => {
    const folder = await mkdtemp(join(tmpdir(), 'daytwo-reaper-'));
    // The grandchild shows that whole process groups end, as those of a Go build must.
    const source = `
    import { startReaper } from ${JSON.stringify(join(import.meta.dirname, 'reaper.ts'))};
    const child = startReaper(${JSON.stringify(folder)}).spawn(
      'sh', ['-c', 'sleep 1000 & echo $!; wait'], { cwd: '/', env: process.env, stdio: ['ignore', 'pipe', 'ignore'] });
    child.stdout.once('data', (grandchild) => console.log(child.pid, Number(grandchild)));`;
    const owner = spawn(process.execPath, ['--input-type=module', '-e', source], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [output] = (await once(owner.stdout, 'data')) as [Buffer];
    const processIds = output.toString().trim().split(' ').map(Number);
    expect(processIds).toHaveLength(2);

    owner.kill(signal);
    await once(owner, 'exit');
    await vi.waitFor(() => expect(existsSync(folder)).toBe(false), { timeout: 5_000 });
    await vi.waitFor(() => expect(processIds.filter(isAlive)).toEqual([]), { timeout: 5_000 });
  },
);

function isAlive(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch {
    return false;
  }
}
