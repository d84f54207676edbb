import { afterEach, expect, test } from 'vitest';
import { type ApiStub, answerJson, failure, startApiStub } from './api-stub.ts';

let stub: ApiStub | undefined;
afterEach(async () => {
  await stub?.stop();
});

test('what the server refuses is an error that names the request, the reason and the server’s words', async () => {
  stub = await startApiStub((_url, response) =>
    answerJson(response, failure(409, 'AlreadyExists', 'secrets "tls" already exists'), 409),
  );
  const asked = stub.client.request({ method: 'POST', path: '/api/v1/namespaces/shop/secrets', body: {} });
  await expect(asked).rejects.toMatchObject({
    status: 409,
    reason: 'AlreadyExists',
    message: 'POST /api/v1/namespaces/shop/secrets: secrets "tls" already exists',
  });
});

test('a proxy that answers in HTML is an error with its status', async () => {
  stub = await startApiStub((_url, response) => response.writeHead(502).end('<html>Bad Gateway</html>'));
  await expect(stub.client.request({ path: '/version' })).rejects.toMatchObject({
    status: 502,
    message: 'GET /version: HTTP status 502',
  });
});

test('refused credentials are renewed and the request is sent again, once', async () => {
  stub = await startApiStub((_url, response, { headers }) =>
    headers.authorization === 'Bearer token-1'
      ? answerJson(response, { major: '1' })
      : answerJson(response, failure(401, 'Unauthorized', 'Unauthorized'), 401),
  );
  expect(await stub.client.request({ path: '/version' })).toEqual({ major: '1' });
  expect(stub.renewals()).toBe(1);
});

test('credentials that stay refused are an error', async () => {
  stub = await startApiStub((_url, response) =>
    answerJson(response, failure(401, 'Unauthorized', 'Unauthorized'), 401),
  );
  await expect(stub.client.request({ path: '/version' })).rejects.toMatchObject({ status: 401 });
  expect(stub.asked).toHaveLength(2);
});

test.each([
  ['never answers', (): void => {}],
  [
    'never finishes its answer',
    (_url: URL, response: { write(text: string): unknown }) => void response.write('{"a":'),
  ],
])('a server that %s is given up in time', async (_name, answer) => {
  stub = await startApiStub(answer);
  const start = performance.now();
  await expect(stub.client.request({ path: '/version', timeout: 300 })).rejects.toThrow(/^GET \/version: .*timeout/);
  expect(performance.now() - start).toBeLessThan(2_000);
});

test('whoever asked can call it off', async () => {
  stub = await startApiStub(() => {});
  const reason = new Error('the server stops');
  await expect(stub.client.request({ path: '/version', signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});
