import { OperatorError } from '../errors.ts';

export interface Listening {
  readonly host: string;
  readonly port: number;
}

/**
 * Opens a port with whatever can. `::` is every address of both families; where the node has no IPv6 (`ipv6.disable=1`), that is
 * every address of IPv4.
 * @throws {OperatorError} where it cannot be opened
 */
export async function listen<T>({ host, port }: Listening, open: (listening: Listening) => Promise<T>): Promise<T> {
  try {
    return await open({ host, port });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (host === '::' && (code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL'))
      return listen({ host: '0.0.0.0', port }, open);
    if (code === 'EADDRINUSE') throw new OperatorError(`port ${port} of ${host} is taken; pass another --port`);
    if (code === 'EACCES') throw new OperatorError(`port ${port} may not be opened; pass a --port of 1024 or more`);
    throw new OperatorError(`cannot listen on ${host} port ${port}: ${message}`);
  }
}
