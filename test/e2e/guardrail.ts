import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments, stringify } from 'yaml';
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The policy that the tests of the engine are written against. */
export const firstEight = join(root, 'test/e2e/policies/first-eight.yaml');

/** The policies of bypass.test.ts and peers.test.ts. */
export const bypassPolicy = join(root, 'test/e2e/policies/bypass.yaml');
export const peersPolicy = join(root, 'test/e2e/policies/peers.yaml');

export interface WebhookOptions {
  /** `baseline`, `strict`, `observe` or the path of a file. */
  readonly policy: string;
  /** Of the validating configuration; what is installed by default is Ignore. */
  readonly failurePolicy?: 'Ignore' | 'Fail';
  readonly port: number;
}

/** `daytwo serve` as a process on loopback, registered in the control plane. */
export interface RunningWebhook {
  /** Lines of its log so far, one JSON object each. */
  logs(): readonly string[];
  /** Text of its /metrics. */
  metrics(): Promise<string>;
  /** Its last words, once it has ended. */
  readonly ended: Promise<string>;
  /** Asks it to stop and waits until it has. */
  stop(): Promise<void>;
}

/** A control plane that knows the developer `jane`, who may edit everything in any namespace but no cluster-wide setting. */
export async function startGuardedControlPlane(): Promise<ControlPlane> {
  const controlPlane = await startControlPlane({ controllerManager: true, users: [{ name: 'jane' }] });
  await controlPlane.kubectl(['create', 'clusterrolebinding', 'jane-edits', '--clusterrole=edit', '--user=jane']);
  return controlPlane;
}

/** Starts the bundled program with the shipped webhook configurations, pointed at loopback instead of the Service. */
export async function startWebhook(controlPlane: ControlPlane, options: WebhookOptions): Promise<RunningWebhook> {
  const folder = await mkdtemp(join(tmpdir(), 'daytwo-webhook-'));
  await must(controlPlane, ['apply', '-f', '-'], await webhookConfigurations(options));
  const flags = {
    policy: options.policy,
    host: '127.0.0.1',
    port: String(options.port),
    kubeconfig: controlPlane.kubeconfig('admin'),
    certs: folder,
    drain: '0',
  };
  const program = [
    join(root, 'dist/main.js'),
    'serve',
    ...Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]),
  ];
  const child = spawn(process.execPath, program, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] },
  });
  const lines: string[] = [];
  let errors = '';
  const ended = once(child, 'exit').then(() => `${errors}\n${lines.slice(-5).join('\n')}`);
  collectLines(child.stdout, lines);
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  process.once('exit', () => child.kill('SIGKILL'));
  const base = `https://127.0.0.1:${options.port}`;
  const authority = async (): Promise<string> => await readFile(join(folder, 'ca.crt'), 'utf8');
  await Promise.race([untilReady(base, authority), ended.then(fail)]);
  return {
    logs: () => lines,
    metrics: async () => await get(`${base}/metrics`, await authority()),
    ended,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** kubectl that must succeed. */
export async function must(controlPlane: ControlPlane, args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await controlPlane.kubectl(args, input === undefined ? {} : { input });
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** The shipped file, with `clientConfig.service` turned into a URL; caBundle is injected by `serve`. */
export async function webhookConfigurations({ port, failurePolicy }: WebhookOptions): Promise<string> {
  const text = await readFile(join(root, 'manifests/install/60-webhook-configurations.yaml'), 'utf8');
  return parseAllDocuments(text)
    .map((document) => {
      const configuration = document.toJS() as {
        kind: string;
        webhooks: { clientConfig: { service?: { path: string }; url?: string }; failurePolicy: string }[];
      };
      for (const webhook of configuration.webhooks) {
        webhook.clientConfig = { url: `https://127.0.0.1:${port}${webhook.clientConfig.service?.path ?? ''}` };
        if (configuration.kind === 'ValidatingWebhookConfiguration')
          webhook.failurePolicy = failurePolicy ?? webhook.failurePolicy;
      }
      return stringify(configuration);
    })
    .join('---\n');
}

/** Waits until the API server, which reads its webhook configurations with a delay, asks the new webhook. */
export async function untilAsked(controlPlane: ControlPlane, webhook: RunningWebhook): Promise<void> {
  const probe = ['create', 'configmap', 'is-it-asked', '--dry-run=server', '-n', 'default'];
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
    await controlPlane.kubectl(probe);
    if (webhook.logs().some((line) => line.includes('is-it-asked'))) return;
  }
  throw new Error('the API server never asked the webhook');
}

function fail(words: string): never {
  throw new Error(`daytwo serve ended:
${words}`);
}

async function untilReady(base: string, authority: () => Promise<string>): Promise<void> {
  let last: unknown;
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(100)) {
    try {
      await get(`${base}/readyz`, await authority());
      return;
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`daytwo serve is not ready: ${String(last)}`);
}

/** @throws for any status but 200 */
async function get(url: string, ca: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    request(url, { ca, agent: false }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => {
        if (response.statusCode === 200) resolve(body);
        else reject(new Error(`${url}: ${response.statusCode} ${body}`));
      });
    })
      .on('error', reject)
      .end();
  });
}

function collectLines(stream: NodeJS.ReadableStream, lines: string[]): void {
  createInterface({ input: stream }).on('line', (line) => lines.push(line));
}
