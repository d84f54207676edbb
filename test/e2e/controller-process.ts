import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { must } from './guardrail.ts';

const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** `daytwo controller` as a process. */
export interface RunningController {
  /** Lines of its log so far. */
  logs(): readonly Readonly<Record<string, unknown>>[];
  metrics(): Promise<string>;
  leads(): Promise<boolean>;
  signal(signal: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void;
  /** Asks it to stop and waits until it has. */
  stop(): Promise<void>;
}

export interface ControllerFlags {
  readonly policy: string;
  readonly grace: number;
  readonly port: number;
}

/** As its own ServiceAccount, which `manifests/install` must have brought: what it lacks the right to shows. */
export async function startController(controlPlane: ControlPlane, flags: ControllerFlags): Promise<RunningController> {
  const { policy, grace, port } = flags;
  const kubeconfig = await kubeconfigOfController(controlPlane);
  const args = { policy, grace: String(grace), port: String(port), host: '127.0.0.1' };
  const child = spawn(
    process.execPath,
    [
      program,
      'controller',
      '--kubeconfig',
      kubeconfig,
      ...Object.entries(args).flatMap(([flag, value]) => [`--${flag}`, value]),
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'], POD_NAMESPACE: 'daytwo-system', POD_NAME: `controller-${port}` },
    },
  );
  process.once('exit', () => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  const lines: Readonly<Record<string, unknown>>[] = [];
  createInterface({ input: child.stdout }).on('line', (line) =>
    lines.push(JSON.parse(line) as Record<string, unknown>),
  );
  const base = `http://127.0.0.1:${port}`;
  await untilReady(`${base}/readyz`);
  return {
    logs: () => lines,
    metrics: () => get(`${base}/metrics`),
    leads: async () => /^daytwo_leader 1$/m.test(await get(`${base}/metrics`)),
    signal: (signal) => void child.kill(signal),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function kubeconfigOfController(controlPlane: ControlPlane): Promise<string> {
  const admin = controlPlane.kubeconfig('admin');
  const token = await must(controlPlane, ['-n', 'daytwo-system', 'create', 'token', 'daytwo-controller']);
  const file = join(dirname(admin), 'daytwo-controller.json');
  const text = await readFile(admin, 'utf8');
  await writeFile(file, text.replaceAll(controlPlane.token('admin'), token.trim()));
  return file;
}

async function untilReady(url: string): Promise<void> {
  let last: unknown;
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(100)) {
    try {
      await get(url);
      return;
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`daytwo controller is not ready: ${String(last)}`);
}

async function get(url: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    const asked = request(url, { agent: false, timeout: 5_000 }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => {
        if (response.statusCode === 200) resolve(body);
        else reject(new Error(`${url}: ${response.statusCode} ${body}`));
      });
    });
    asked.on('timeout', () => asked.destroy(new Error(`${url}: no answer`)));
    asked.on('error', reject);
    asked.end();
  });
}
