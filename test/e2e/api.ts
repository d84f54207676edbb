import { readFileSync } from 'node:fs';
import { Agent, type Dispatcher, request } from 'undici';
import type { ControlPlane } from '../control-plane/control-plane.ts';

/** Requests to the API server without kubectl: where hundreds are sent, or something that no kubectl would send. */
export interface Api {
  send(method: Dispatcher.HttpMethod, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  /** POSTs to the collection that the object belongs to. @param query `dryRun=All` */
  create(object: object, query?: string): Promise<Reply>;
  /** Server-side apply, as kubectl does it with `--server-side --force-conflicts`. */
  apply(object: object, query?: string): Promise<Reply>;
  close(): Promise<void>;
}

export interface Reply {
  readonly status: number;
  /** `message` of a Status, which says why not; empty where the answer is an object. */
  readonly message: string;
  readonly warnings: readonly string[];
  readonly body: unknown;
}

/** As a user of the control plane, or somebody whom that user impersonates. */
export function apiOf(controlPlane: ControlPlane, user: string, impersonated?: string): Api {
  const dispatcher = new Agent({ connect: { ca: readFileSync(controlPlane.caFile) } });
  const identity = {
    authorization: `Bearer ${controlPlane.token(user)}`,
    ...(impersonated !== undefined && { 'impersonate-user': impersonated }),
  };
  const send: Api['send'] = async (method, path, body, headers = {}) => {
    const response = await request(controlPlane.server + path, {
      method,
      dispatcher,
      headers: { 'content-type': 'application/json', ...identity, ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return readReply(response.statusCode, await response.body.text(), response.headers['warning']);
  };
  return {
    send,
    create: async (object, query = '') => await send('POST', `${collectionOf(object)}?${query}`, object),
    apply: async (object, query = '') =>
      await send('PATCH', `${pathOf(object)}?fieldManager=test&force=true&${query}`, object, {
        'content-type': 'application/apply-patch+yaml',
      }),
    close: async () => await dispatcher.close(),
  };
}

/** Where the object itself is. */
export function pathOf(object: object): string {
  return `${collectionOf(object)}/${(object as Written).metadata.name}`;
}

interface Written {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name?: string; readonly namespace?: string };
}

function collectionOf(object: object): string {
  const { apiVersion, kind, metadata } = object as Written;
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const scope = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  return `${group}${scope}/${plural(kind.toLowerCase())}`;
}

function plural(kind: string): string {
  if (/[^aeiou]y$/.test(kind)) return `${kind.slice(0, -1)}ies`;
  return kind.endsWith('s') ? `${kind}es` : `${kind}s`;
}

function readReply(status: number, text: string, warning: string | string[] | undefined): Reply {
  const body = readJson(text);
  const { kind, message } = body as { readonly kind?: string; readonly message?: string };
  const lines = warning === undefined ? [] : [warning].flat();
  return {
    status,
    message: status < 300 ? '' : kind === 'Status' ? (message ?? '') : text,
    warnings: lines.map((line) => line.replace(/^299 \S+ "(.*)"$/s, '$1').replaceAll(String.raw`\"`, '"')),
    body,
  };
}

/** A proxy in between, or a path that is not there, answers in words. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
