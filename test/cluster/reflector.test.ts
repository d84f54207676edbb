import type { ServerResponse } from 'node:http';
import { afterEach, expect, test, vi } from 'vitest';
import { type Reflector, startReflector } from '../../src/cluster/reflector.ts';
import { type ApiStub, answerJson, failure, startApiStub } from './api-stub.ts';

const resource = { path: '/api/v1/namespaces', apiVersion: 'v1', kind: 'Namespace' };
const stopping = {
  abort: new AbortController(),
  stub: undefined as ApiStub | undefined,
  reflector: undefined as Reflector | undefined,
};

afterEach(async () => {
  stopping.abort.abort();
  await stopping.reflector?.ended;
  await stopping.stub?.stop();
  stopping.abort = new AbortController();
});

test('a list whose continuation expired is read again from its beginning', async () => {
  let lists = 0;
  const { names } = await reflect((url, response) => {
    if (url.searchParams.has('watch')) return response.flushHeaders();
    if (url.searchParams.has('continue')) {
      const status = lists === 1 ? 410 : 200;
      return answerJson(response, status === 410 ? failure(410, 'Expired', 'too old') : namespaces('c'), status);
    }
    lists += 1;
    return answerJson(response, namespaces(lists === 1 ? 'a' : 'b', 'next'));
  });
  await vi.waitFor(() => expect(names()).toEqual(['b', 'c']), 5_000);
});

test('an ERROR event of status 410 makes it list again, and what is gone meanwhile goes', async () => {
  let lists = 0;
  const { names } = await reflect((url, response) => {
    if (!url.searchParams.has('watch')) {
      lists += 1;
      return answerJson(response, namespaces(lists === 1 ? 'old' : 'new'));
    }
    response.flushHeaders();
    if (lists === 1)
      response.write(`${JSON.stringify({ type: 'ERROR', object: failure(410, 'Expired', 'too old') })}\n`);
    return undefined;
  });
  await vi.waitFor(() => expect(names()).toEqual(['new']), 5_000);
});

test('a server that ends every watch at once is asked ever more rarely, and said to be broken once', async () => {
  const { stub, warnings } = await reflect((url, response) =>
    url.searchParams.has('watch') ? void response.end() : answerJson(response, namespaces('a')),
  );
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const watches = stub.asked.filter((asked) => asked.includes('watch=')).length;
  expect(watches).toBeGreaterThan(1);
  expect(watches).toBeLessThan(7);
  expect(warnings).toHaveLength(1);
});

test('an overloaded server is left alone for as long as it asks', async () => {
  const overloaded = { ...failure(429, 'TooManyRequests', 'try later'), details: { retryAfterSeconds: 2 } };
  const { stub } = await reflect((_url, response) => answerJson(response, overloaded, 429));
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(stub.asked).toHaveLength(1);
});

test('a watch goes on from the bookmark, not from the list', async () => {
  const bookmark = { type: 'BOOKMARK', object: { metadata: { resourceVersion: '17' } } };
  const { stub } = await reflect((url, response) => {
    if (!url.searchParams.has('watch')) return answerJson(response, namespaces('a'));
    return void (url.searchParams.get('resourceVersion') === '1'
      ? response.end(`${JSON.stringify(bookmark)}\n`)
      : response.flushHeaders());
  });
  await vi.waitFor(() => expect(stub.asked.at(-1)).toContain('resourceVersion=17'), 5_000);
  expect(stub.asked.filter((asked) => asked.includes('limit='))).toHaveLength(1);
});

/** A reflector at work against a server that answers so. */
async function reflect(answer: (url: URL, response: ServerResponse) => void) {
  const held = new Map<string, number>();
  let round = 0;
  const warnings: string[] = [];
  const stub = await startApiStub(answer);
  stopping.stub = stub;
  stopping.reflector = startReflector({
    client: stub.client,
    resource,
    signal: stopping.abort.signal,
    log: { info: () => {}, warn: (_fields, message) => void warnings.push(message) },
    store: {
      put: ({ metadata }) => void held.set(metadata.name ?? '', round),
      remove: ({ metadata }) => void held.delete(metadata.name ?? ''),
      beginList: () => void (round += 1),
      endList: () => held.forEach((listed, name) => void (listed < round && held.delete(name))),
    },
  });
  return { stub, warnings, names: () => [...held.keys()].sort() };
}

function namespaces(name: string, next = ''): object {
  const items = [{ metadata: { name, resourceVersion: '1' } }];
  return { kind: 'NamespaceList', apiVersion: 'v1', metadata: { resourceVersion: '1', continue: next }, items };
}
