import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../audit/temporary-folder.ts';
import { deployment } from '../engine/engine-kit.ts';
import { reviewOf } from '../webhook/webhook-kit.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** The program as its container starts it, without a cluster. */
function serve(...flags: readonly string[]): ChildProcess {
  const child = spawn(
    process.execPath,
    [main, 'serve', '--no-cluster', '--host', '127.0.0.1', '--drain', '0', ...flags],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { POD_NAME: 'daytwo-1', POD_NAMESPACE: 'guard', NODE_NAME: 'node-1', ZONE: 'eu-1a' },
    },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
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
  const child = serve('--port', '0', '--certs', folder);
  const lines: Record<string, unknown>[] = [];
  const reader = createInterface({ input: child.stdout ?? process.stdin });
  reader.on('line', (line) => lines.push(JSON.parse(line) as Record<string, unknown>));
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

test('a port that is taken is the operator’s mistake, said in a sentence', { timeout: 30_000 }, async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const child = serve('--port', String(port), '--certs', temporaryFolder());
  const exited = once(child, 'exit');
  const said = child.stderr === null ? '' : await text(child.stderr);
  expect(await exited).toEqual([2, null]);
  expect(said).toBe(`port ${port} of 127.0.0.1 is taken; pass another --port\n`);
});
