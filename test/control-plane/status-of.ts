import { readFile } from 'node:fs/promises';
import { get } from 'node:https';

export interface StatusOfOptions {
  url: string;
  caFile: string;
  /** A bearer token. */
  token: string;
}

/** The HTTP status of a GET, or undefined as long as nobody answers. */
export async function statusOf({ url, caFile, token }: StatusOfOptions): Promise<number | undefined> {
  let ca: string;
  try {
    ca = await readFile(caFile, 'utf8');
  } catch {
    // The API server has not made its certificate yet.
    return undefined;
  }
  const headers = { authorization: `Bearer ${token}` };
  const answer = Promise.withResolvers<number | undefined>();
  // A connection of its own each time: a kept one may lead to an API server that was killed.
  get(url, { ca, headers, agent: false, signal: AbortSignal.timeout(2_000) }, (response) => {
    response.resume();
    answer.resolve(response.statusCode);
  }).on('error', () => answer.resolve(undefined));
  return await answer.promise;
}
