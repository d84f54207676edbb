import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from './median.ts';

const bundle = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** `daytwo checks` against a Node that does nothing; runs alternate, so that both meet the same machine. */
export function benchStartup(rounds = 21): void {
  const once = (): { readonly daytwo: number; readonly node: number } => ({
    daytwo: millisecondsOf([bundle, 'checks']),
    node: millisecondsOf(['-e', '0']),
  });
  once();
  const times = Array.from({ length: rounds }, once);
  const ratio = median(times.map(({ daytwo, node }) => daytwo / node));
  console.log(
    `start-up: daytwo checks ${Math.round(median(times.map(({ daytwo }) => daytwo)))} ms; ` +
      `node -e 0 ${Math.round(median(times.map(({ node }) => node)))} ms; ratio ${ratio.toFixed(2)} (goal <= 2.2)`,
  );
}

function millisecondsOf(args: readonly string[]): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}:\n${stderr}`);
  return performance.now() - start;
}
