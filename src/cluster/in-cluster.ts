import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { Agent } from 'undici';
import type { Connection, ConnectionOptions } from './connection.ts';

const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Milliseconds. The kubelet replaces a bound token long before it ends; client-go reads the file as often as this. */
const tokenLifetime = 60_000;

export function isInCluster(env: ConnectionOptions['env'], folder = serviceAccountFolder): boolean {
  return env['KUBERNETES_SERVICE_HOST'] !== undefined && existsSync(join(folder, 'token'));
}

/** As the pod's ServiceAccount, without client-node: its import costs half a second and 84 MB, and reads the same files. */
export function connectInCluster(env: ConnectionOptions['env'], folder = serviceAccountFolder): Connection {
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  const agent = new Agent({ allowH2: false, connect: { ca: readFileSync(join(folder, 'ca.crt')) } });
  let token = '';
  let readAt = Number.NEGATIVE_INFINITY;
  return {
    server: `https://${isIPv6(host) ? `[${host}]` : host}:${env['KUBERNETES_SERVICE_PORT'] ?? '443'}`,
    namespace: readFileSync(join(folder, 'namespace'), 'utf8').trim(),
    dispatcher: () => agent,
    async headers() {
      if (performance.now() - readAt > tokenLifetime) {
        token = (await readFile(join(folder, 'token'), 'utf8')).trim();
        readAt = performance.now();
      }
      return { authorization: `Bearer ${token}` };
    },
    async renew() {
      readAt = Number.NEGATIVE_INFINITY;
    },
  };
}
