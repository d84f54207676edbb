import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/**
 * A TCP port on 127.0.0.1 for each name, all different, that nobody listens on.
 *
 * Not from the range out of which the system numbers outgoing connections (from 32768 on Linux), as port 0 would be: the
 * API server comes back on its port after a restart, and no connection may have taken it meanwhile.
 */
export async function freePorts<Name extends string>(...names: readonly Name[]): Promise<Record<Name, number>> {
  const held: Server[] = [];
  const ports: [Name, number][] = [];
  for (const name of names) {
    const [server, port] = await listenSomewhere();
    // Held until all are found, or one might be found twice.
    held.push(server);
    ports.push([name, port]);
  }
  await Promise.all(held.map((server) => once(server.close(), 'close')));
  return Object.fromEntries(ports) as Record<Name, number>;
}

async function listenSomewhere(): Promise<[Server, number]> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
      return [server, port];
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    }
  }
}
