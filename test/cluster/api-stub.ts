import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { type ApiClient, createClient } from '../../src/cluster/client.ts';

/** A server that answers as told, for answers that a healthy API server does not give. */
export interface ApiStub {
  readonly client: ApiClient;
  /** Path and query of each request, in order. */
  readonly asked: readonly string[];
  /** How often the client asked for new credentials. */
  renewals(): number;
  stop(): Promise<void>;
}

export async function startApiStub(
  answer: (url: URL, response: ServerResponse, request: IncomingMessage) => void,
): Promise<ApiStub> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://stub');
    asked.push(url.pathname + url.search);
    answer(url, response, request);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const agent = new Agent();
  let renewals = 0;
  const client = createClient({
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    namespace: undefined,
    dispatcher: () => agent,
    headers: async () => ({ authorization: `Bearer token-${renewals}` }),
    async renew() {
      renewals += 1;
    },
  });
  return {
    client,
    asked,
    renewals: () => renewals,
    async stop() {
      await client.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export function answerJson(response: ServerResponse, body: object, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Source: meta/v1 Status. */
export function failure(code: number, reason: string, message: string): object {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message };
}
