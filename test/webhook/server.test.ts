import { once } from 'node:events';
import { Agent, request } from 'node:https';
import { type AddressInfo, connect as connectTcp, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { issueServingCertificate } from '../../src/certs/serving-certificate.ts';
import type { Webhook, WebhookOptions } from '../../src/webhook/app.ts';
import { deployment } from '../engine/engine-kit.ts';
import { authority, reviewOf, serving, testWebhook } from './webhook-kit.ts';

const body = JSON.stringify(reviewOf(deployment({ app: 'registry.example/app:1.0' })));
let running: Webhook | undefined;
afterEach(async () => {
  running?.app.server.closeAllConnections();
  await running?.drain(0);
});

async function listen(options: Partial<WebhookOptions> = {}): Promise<number> {
  const { webhook } = testWebhook(options);
  running = webhook;
  await webhook.app.listen({ host: '127.0.0.1', port: 0 });
  return (webhook.app.server.address() as AddressInfo).port;
}

interface Result {
  readonly status: number | string;
  readonly connection?: string | undefined;
  readonly text?: string;
}

/** The answer, or the code of the error in place of a status. */
function post(port: number, agent: Agent, path = '/validate'): Promise<Result> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json' };
    request({ host: '127.0.0.1', port, path, method: 'POST', agent, headers }, (response) => {
      const { statusCode = 0, headers: answered } = response;
      text(response).then(
        (answer) => resolve({ status: statusCode, connection: answered.connection, text: answer }),
        (error: NodeJS.ErrnoException) => resolve({ status: error.code ?? error.message }),
      );
    })
      .on('error', (error: NodeJS.ErrnoException) => resolve({ status: error.code ?? error.message }))
      .end(body);
  });
}

/** The machine may be busy with other tests. */
const patient = { timeout: 10_000 };

function newAgent(connections = 8): Agent {
  return new Agent({ keepAlive: true, maxSockets: connections, ca: authority.certificate });
}

describe('clients that do not finish', () => {
  const requestTimeout = 300;

  test.each<[string, string]>([
    ['says nothing', ''],
    ['stops within the headers', 'POST /validate HTTP/1.1\r\nhost: x\r\ncontent-ty'],
    [
      'stops half way through the body',
      `POST /validate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body.slice(0, 200)}`,
    ],
  ])('one that %s is dropped, and others are served', async (_what, sent) => {
    const port = await listen({ requestTimeout });
    const socket = connectTls({ host: '127.0.0.1', port, ca: authority.certificate });
    await once(socket, 'secureConnect');
    socket.write(sent);
    expect((await post(port, newAgent())).status).toBe(200);
    expect(await closedWithin(socket, 2000)).toBe(true);
  });

  test('one that never begins TLS is dropped', async () => {
    const port = await listen({ requestTimeout });
    expect(await closedWithin(connectTcp(port, '127.0.0.1'), 2000)).toBe(true);
  });

  test('one that goes away half way through leaves nothing behind', async () => {
    const port = await listen({ requestTimeout });
    for (let client = 0; client < 20; client += 1) {
      const socket = connectTls({ host: '127.0.0.1', port, ca: authority.certificate });
      await once(socket, 'secureConnect');
      socket.write(
        `POST /validate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 999\r\n\r\n{`,
      );
      await sleep(1);
      socket.destroy();
    }
    const connections = (): Promise<number> =>
      new Promise((resolve) => running?.app.server.getConnections((_error, count) => resolve(count)));
    await expect.poll(connections).toBe(0);
    expect((await post(port, newAgent())).status).toBe(200);
  });

  async function closedWithin(socket: Socket, milliseconds: number): Promise<boolean> {
    socket.resume();
    socket.on('error', () => {});
    const closed = once(socket, 'close').then(() => true);
    return Promise.race([closed, sleep(milliseconds, false)]);
  }
});

test('an idle connection outlives the 90 s after which the API server would close it', async () => {
  await listen();
  expect(running?.app.server.keepAliveTimeout).toBeGreaterThan(90_000);
});

/** Eight connections that send one request after the other until they are told to stop. */
function load(port: number): { readonly results: readonly Result[]; stop(): Promise<readonly Result[]> } {
  const agent = newAgent();
  const results: Result[] = [];
  const stopping = new AbortController();
  const senders = Array.from({ length: 8 }, async () => {
    while (!stopping.signal.aborted) results.push(await post(port, agent));
  });
  return {
    results,
    async stop() {
      stopping.abort();
      await Promise.all(senders);
      agent.destroy();
      return results;
    },
  };
}

describe('a new certificate', () => {
  test('is served to new connections while old ones live on, and no request is lost', { timeout: 20_000 }, async () => {
    const port = await listen();
    const underway = load(port);
    const seen = new Set<string>();
    for (let swap = 0; swap < 5; swap += 1) {
      running?.useCertificate(await issueServingCertificate(authority, ['127.0.0.1'], Date.now()));
      seen.add(await servedSerial(port));
    }
    await expect.poll(() => underway.results.length, patient).toBeGreaterThan(100);
    const results = await underway.stop();
    expect(seen.size).toBe(5);
    expect(results.filter(({ status }) => status !== 200)).toEqual([]);
  });

  test('whose key belongs to another is refused, and the old one is served on', async () => {
    const port = await listen();
    expect(() => running?.useCertificate({ certificate: serving.certificate, key: authority.key })).toThrow(
      /key values mismatch/,
    );
    expect((await post(port, newAgent())).status).toBe(200);
  });

  async function servedSerial(port: number): Promise<string> {
    const socket = connectTls({ host: '127.0.0.1', port, ca: authority.certificate });
    await once(socket, 'secureConnect');
    const { serialNumber } = socket.getPeerCertificate();
    socket.destroy();
    return serialNumber;
  }
});

describe('shutting down', () => {
  test('loses no request: not ready at once, connections sent away, then closed', { timeout: 20_000 }, async () => {
    const port = await listen();
    const underway = load(port);
    await expect.poll(() => underway.results.length, patient).toBeGreaterThan(50);
    const drained = running?.drain(2_000);
    const readiness = await running?.app.inject({ url: '/readyz' });
    expect([readiness?.statusCode, readiness?.body]).toEqual([503, 'shutting down\n']);
    await sleep(200);
    const results = await underway.stop();
    await drained;
    expect(results.filter(({ status }) => status !== 200)).toEqual([]);
    expect(results.at(-1)?.connection).toBe('close');
    expect((await post(port, newAgent())).status).toBe('ECONNREFUSED');
  });

  test('does not wait for idle connections', async () => {
    const port = await listen();
    await post(port, newAgent());
    const started = performance.now();
    await running?.drain(0);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
