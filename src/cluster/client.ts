import type { Readable } from 'node:stream';
import { type Dispatcher, request } from 'undici';
import { OperatorError } from '../errors.ts';
import { parseJson } from '../kubernetes/parse-json.ts';
import { ApiError, UnreachableError } from './api-error.ts';
import type { Connection } from './connection.ts';

export interface ApiRequest {
  /** GET where absent. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the root: `/apis/apps/v1/deployments`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** A patch says what kind of patch it is; `application/json` where absent. */
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the whole of it, 30,000 where absent. For a stream: until the head of the answer is there. */
  readonly timeout?: number;
}

export interface StreamRequest extends ApiRequest {
  /** Milliseconds without a byte after which the stream fails. */
  readonly idleTimeout: number;
}

/** Requests to one API server as one user. */
export interface ApiClient {
  readonly server: string;
  /** The user's own namespace, where known. */
  readonly namespace: string | undefined;
  /**
   * The answer, from JSON.
   * @throws {ApiError} where the server refuses
   * @throws {UnreachableError} where it does not answer in time
   */
  request(request: ApiRequest): Promise<unknown>;
  /** The bytes of an answer that has no end of its own; throws like `request`, and so does reading it. */
  stream(request: StreamRequest): Promise<Readable>;
  /** Ends every request at once. */
  close(): Promise<void>;
}

export function createClient(connection: Connection): ApiClient {
  const { server, namespace } = connection;
  return {
    server,
    namespace,
    async request(asked) {
      const deadline = AbortSignal.timeout(asked.timeout ?? 30_000);
      const signal = asked.signal === undefined ? deadline : AbortSignal.any([asked.signal, deadline]);
      return withContext(connection, asked, async () => (await send(connection, asked, { signal })).body.json());
    },
    async stream(asked) {
      const { signal, timeout = 30_000, idleTimeout } = asked;
      const limits = { signal: signal ?? null, headersTimeout: timeout, bodyTimeout: idleTimeout };
      return withContext(connection, asked, async () => (await send(connection, asked, limits)).body);
    },
    close: () => connection.dispatcher().destroy(),
  };
}

type Limits = Pick<Dispatcher.RequestOptions, 'signal' | 'headersTimeout' | 'bodyTimeout'>;

/** The answer, if it is a good one. Credentials end on their own clock, so a 401 is worth a second try with new ones. */
async function send(connection: Connection, asked: ApiRequest, limits: Limits): Promise<Dispatcher.ResponseData> {
  let response = await sendOnce(connection, asked, limits);
  if (response.statusCode === 401) {
    await response.body.dump();
    await connection.renew();
    response = await sendOnce(connection, asked, limits);
  }
  if (response.statusCode < 300) return response;
  throw new ApiError(nameOf(asked), response.statusCode, parseJson(await response.body.text()));
}

async function sendOnce(connection: Connection, asked: ApiRequest, limits: Limits): Promise<Dispatcher.ResponseData> {
  const { method = 'GET', path, query, body, contentType = 'application/json' } = asked;
  return request(connection.server + path, {
    ...limits,
    method,
    dispatcher: connection.dispatcher(),
    headers: {
      ...(await connection.headers()),
      accept: 'application/json',
      'user-agent': 'daytwo',
      ...(body === undefined ? {} : { 'content-type': contentType }),
    },
    ...(query === undefined ? {} : { query }),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** undici says `other side closed`; which request that was, and to whom, is half of the message. */
async function withContext<T>({ server }: Connection, asked: ApiRequest, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // The others are refusals of the server, and of an exec plugin.
    if (error instanceof OperatorError || asked.signal?.aborted) throw error;
    throw new UnreachableError(nameOf(asked), server, error);
  }
}

function nameOf({ method = 'GET', path }: ApiRequest): string {
  return `${method} ${path}`;
}
