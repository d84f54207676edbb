import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type Listening, listen } from '../../src/commands/listen.ts';
import { OperatorError } from '../../src/errors.ts';

test.each(['EAFNOSUPPORT', 'EADDRNOTAVAIL'])(
  'a node without IPv6, which says %s, listens on all addresses of IPv4',
  async (code) => {
    expect(await listen({ host: '::', port: 0 }, openWithout(code))).toBe('0.0.0.0');
  },
);

test('an address that was asked for is not replaced', async () => {
  const asked = listen({ host: '::1', port: 0 }, openWithout('EAFNOSUPPORT'));
  await expect(asked).rejects.toBeInstanceOf(OperatorError);
  await expect(asked).rejects.toThrow('cannot listen on ::1 port 0: listen EAFNOSUPPORT');
});

test('a port that is taken there too is said to be', async () => {
  const taken = createServer().listen(0, '0.0.0.0');
  onTestFinished(() => void taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as { readonly port: number };
  const asked = listen({ host: '::', port }, openWithout('EAFNOSUPPORT'));
  await expect(asked).rejects.toThrow(`port ${port} of 0.0.0.0 is taken; pass another --port`);
});

/** Listens as node does on a machine without IPv6, which cannot be had here. */
function openWithout(code: string): (listening: Listening) => Promise<string> {
  return async ({ host, port }) => {
    if (host.includes(':')) throw Object.assign(new Error(`listen ${code}: ${host}`), { code });
    const server = createServer().listen(port, host);
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    return host;
  };
}
