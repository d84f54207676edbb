import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BackgroundMetrics } from './metrics.ts';

export interface ProbeServerOptions {
  readonly host: string;
  /** 0 takes any. */
  readonly port: number;
  /** Why it does not work yet, or undefined. */
  readonly notReady: () => string | undefined;
  readonly metrics: BackgroundMetrics;
}

export interface ProbeServer {
  /** `http://127.0.0.1:8080` */
  readonly address: string;
  close(): void;
}

/** `/livez`, `/readyz` and `/metrics` of a process that serves nothing else. @throws the error of `listen` */
export async function startProbeServer(options: ProbeServerOptions): Promise<ProbeServer> {
  const server = createServer((request, response) => {
    void send(response, answer(request.url ?? '', options));
  });
  server.listen(options.port, options.host);
  await once(server, 'listening');
  return {
    address: addressOf(server),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

async function send(response: ServerResponse, answering: Promise<Answer>): Promise<void> {
  const { status, type, body } = await answering;
  response.writeHead(status, { 'content-type': type }).end(body);
}

const plain = 'text/plain; charset=utf-8';

async function answer(url: string, { notReady, metrics }: ProbeServerOptions): Promise<Answer> {
  if (url === '/metrics') return { status: 200, type: metrics.contentType, body: await metrics.render() };
  const reason = url === '/readyz' ? notReady() : undefined;
  if (reason !== undefined) return { status: 503, type: plain, body: `${reason}\n` };
  if (url === '/livez' || url === '/readyz') return { status: 200, type: plain, body: 'ok\n' };
  return { status: 404, type: plain, body: 'there is GET /livez, GET /readyz and GET /metrics\n' };
}

function addressOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
