import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { request } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../audit/temporary-folder.ts';
import { answerJson, failure, startApiStub } from '../cluster/api-stub.ts';
import { kubeconfigOf } from '../cluster/kubeconfig-of.ts';
import { deployment } from '../engine/engine-kit.ts';
import { reviewOf } from '../webhook/webhook-kit.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** The program as its container starts it. */
function start(command: 'serve' | 'controller', ...flags: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [main, command, '--host', '127.0.0.1', ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { POD_NAME: 'daytwo-1', POD_NAMESPACE: 'guard', NODE_NAME: 'node-1', ZONE: 'eu-1a' },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

function serve(...flags: readonly string[]): ChildProcess {
  return start('serve', '--drain', '0', ...flags);
}

function logOf(child: ChildProcess): readonly Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  const reader = createInterface({ input: child.stdout ?? process.stdin });
  reader.on('line', (line) => lines.push(JSON.parse(line) as Record<string, unknown>));
  return lines;
}

function post(url: string, ca: Buffer, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request(url, { ca, method: 'POST', headers: { 'content-type': 'application/json' } }, (response) => {
      text(response).then(resolve, reject);
    })
      .on('error', reject)
      .end(body);
  });
}

test('issues certificates, listens, judges, logs who and where, and ends cleanly on SIGTERM', {
  timeout: 30_000,
}, async () => {
  const folder = temporaryFolder();
  const child = serve('--no-cluster', '--port', '0', '--certs', folder);
  const lines = logOf(child);
  await expect.poll(() => lines.length, { timeout: 20_000 }).toBeGreaterThan(1);
  expect(lines[0]).toMatchObject({ level: 'info', msg: 'listening', policy: 'baseline' });

  const bad = deployment({ app: 'registry.example/app:1.0' });
  const answer = await post(
    `${lines[0]?.['address'] as string}/validate`,
    readFileSync(`${folder}/ca.crt`),
    JSON.stringify(reviewOf(bad)),
  );
  expect(JSON.parse(answer)).toMatchObject({ kind: 'AdmissionReview', response: { allowed: true } });

  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  const decision = lines.find(({ msg }) => msg === 'validated');
  expect(decision).toMatchObject({
    pod: 'daytwo-1',
    node: 'node-1',
    namespace: 'guard',
    zone: 'eu-1a',
    user: 'jane',
    decision: 'allowed',
    object: { kind: 'apps/Deployment', namespace: 'shop', name: 'checkout' },
  });
  expect(lines.at(-1)).toMatchObject({ msg: 'shutting down' });
});

test.each([
  ['serve without a cluster', 'serve', ['--no-cluster']],
  ['serve', 'serve', []],
  ['controller', 'controller', []],
] as const)(
  'a port that is taken is the operator’s mistake, said in a sentence: %s',
  {
    timeout: 30_000,
  },
  async (_name, command, flags) => {
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const folder = temporaryFolder({ kubeconfig: kubeconfigOf('http://127.0.0.1:1') });
    const own = command === 'serve' ? ['--certs', folder] : [];
    const child = start(command, '--port', String(port), '--kubeconfig', join(folder, 'kubeconfig'), ...own, ...flags);
    child.stdout?.resume();
    const exited = once(child, 'exit');
    const said = child.stderr === null ? '' : await text(child.stderr);
    expect(await exited).toEqual([2, null]);
    expect(said).toBe(`port ${port} of 127.0.0.1 is taken; pass another --port\n`);
  },
);

describe('while the API server that keeps the certificates is away', () => {
  test('SIGTERM ends the waiting', { timeout: 30_000 }, async () => {
    const folder = temporaryFolder({ kubeconfig: kubeconfigOf('http://127.0.0.1:1') });
    const child = serve('--port', '0', '--kubeconfig', join(folder, 'kubeconfig'), '--cert-secret', 'daytwo-tls');
    const lines = logOf(child);
    await expect.poll(() => lines.map(({ msg }) => msg), { timeout: 20_000 }).toContain(waiting);
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });

  test('they are waited for', { timeout: 30_000 }, async () => {
    let isAway = true;
    const stub = await startApiStub(({ pathname }, response, { method }) => {
      if (isAway) return answerJson(response, failure(503, 'ServiceUnavailable', 'etcd has no leader'), 503);
      if (method === 'POST' && pathname.endsWith('/secrets')) return answerJson(response, {}, 201);
      return answerJson(response, failure(404, 'NotFound', 'not found'), 404);
    });
    onTestFinished(() => stub.stop());
    const folder = temporaryFolder({ kubeconfig: kubeconfigOf(stub.client.server) });
    const child = serve('--port', '0', '--kubeconfig', join(folder, 'kubeconfig'), '--cert-secret', 'daytwo-tls');
    const lines = logOf(child);
    await expect.poll(() => lines.map(({ msg }) => msg), { timeout: 20_000 }).toContain(waiting);
    isAway = false;
    await expect.poll(() => lines.map(({ msg }) => msg), { timeout: 10_000 }).toContain('listening');
  });

  const waiting = 'the certificates cannot be read, trying again';
});

test('a Secret that may not be read is the operator’s mistake, said in a sentence', { timeout: 30_000 }, async () => {
  const stub = await startApiStub((_url, response) =>
    answerJson(response, failure(403, 'Forbidden', 'secrets "daytwo-tls" is forbidden'), 403),
  );
  onTestFinished(() => stub.stop());
  const folder = temporaryFolder({ kubeconfig: kubeconfigOf(stub.client.server) });
  const child = serve('--port', '0', '--kubeconfig', join(folder, 'kubeconfig'), '--cert-secret', 'daytwo-tls');
  child.stdout?.resume();
  const exited = once(child, 'exit');
  const said = child.stderr === null ? '' : await text(child.stderr);
  expect(await exited).toEqual([2, null]);
  expect(said).toBe('GET /api/v1/namespaces/guard/secrets/daytwo-tls: secrets "daytwo-tls" is forbidden\n');
});
