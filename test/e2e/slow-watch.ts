import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ControlPlane } from '../control-plane/control-plane.ts';

/** A control plane of which one hears late: what a watch says arrives after a delay; every other answer comes at once. */
export interface SlowWatch {
  readonly controlPlane: ControlPlane;
  stop(): Promise<void>;
}

/** @param delay milliseconds */
export async function startSlowWatch(controlPlane: ControlPlane, delay: number): Promise<SlowWatch> {
  const ca = readFileSync(controlPlane.caFile);
  const server = createServer((asked, answer) => {
    const watches = /[?&]watch=(1|true)/.test(asked.url ?? '');
    const { host: _host, ...headers } = asked.headers;
    const forwarded = request(
      controlPlane.server + (asked.url ?? ''),
      { ca, method: asked.method, headers },
      (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers);
        const wait = watches ? delay : 0;
        answer.flushHeaders();
        response.on('data', (chunk: Buffer) => setTimeout(() => answer.write(chunk), wait));
        response.on('end', () => setTimeout(() => answer.end(), wait));
      },
    );
    forwarded.on('error', () => answer.destroy());
    answer.on('close', () => forwarded.destroy());
    asked.pipe(forwarded);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const folder = await mkdtemp(join(tmpdir(), 'daytwo-slow-watch-'));
  const file = join(folder, 'kubeconfig.json');
  const { port } = server.address() as AddressInfo;
  await writeFile(file, JSON.stringify(kubeconfigOf(`http://127.0.0.1:${port}`, controlPlane.token('admin'))));
  return {
    controlPlane: { ...controlPlane, kubeconfig: () => file },
    async stop() {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}

function kubeconfigOf(server: string, token: string): object {
  const name = 'slow-watch';
  return {
    apiVersion: 'v1',
    kind: 'Config',
    // client-node speaks plain HTTP only to those who say that they do without TLS.
    clusters: [{ name, cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  };
}
