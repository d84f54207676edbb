import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { HeldCluster } from './hold-cluster.ts';
import { imageFlags } from './image-flags.ts';

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Memory and time to hold 10,000 namespaces, 20,000 NetworkPolicies, 10,000 budgets, 20,000 Deployments and 1,000 Nodes. */
export async function benchCache(): Promise<void> {
  const cluster = spawn(process.execPath, [script('large-cluster.ts')], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [address] = (await once(cluster.stdout, 'data')) as [Buffer];
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...imageFlags(),
      script('hold-cluster.ts'),
      String(address).trim(),
    ]);
    const { seconds, before, peak, settled, heap } = JSON.parse(stdout) as HeldCluster;
    const mebibytes = (bytes: number): number => Math.round(bytes / 1024 / 1024);
    console.log(
      `cache of 61,000 objects: synced in ${seconds.toFixed(1)} s (goal <= 60); RSS ${mebibytes(settled)} MiB (goal <= 300), ` +
        `${mebibytes(peak)} at its peak, ${mebibytes(before)} before; heap ${mebibytes(heap)} MiB`,
    );
  } finally {
    cluster.kill('SIGKILL');
  }
}
