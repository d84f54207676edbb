import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type NamedEvent, recordEvent } from '../../src/cluster/record-event.ts';
import { type ApiStub, answerJson, failure, startApiStub } from './api-stub.ts';

const events = '/apis/events.k8s.io/v1/namespaces/shop/events';
const hour = 3_600_000;

/** The one Event that there is. */
let stored: Record<string, unknown> | undefined;
let refusal: object | undefined;
let stub: ApiStub;

beforeEach(async () => {
  stored = undefined;
  refusal = undefined;
  stub = await startApiStub((url, response, request) => void answer(url, response, request));
});

afterEach(async () => {
  await stub.stop();
});

async function answer({ pathname }: URL, response: ServerResponse, request: IncomingMessage): Promise<void> {
  if (refusal !== undefined) return answerJson(response, refusal, (refusal as { code: number }).code);
  if (request.method === 'POST' && pathname === events) {
    if (stored !== undefined) return answerJson(response, failure(409, 'AlreadyExists', 'it exists'), 409);
    stored = (await json(request)) as Record<string, unknown>;
  } else if (pathname !== `${events}/web.1`) {
    return answerJson(response, failure(404, 'NotFound', 'not found'), 404);
  }
  // A merge of nothing but a series.
  if (request.method === 'PATCH') stored = { ...stored, ...((await json(request)) as object) };
  return answerJson(response, stored ?? {});
}

function at(time: string): NamedEvent & { readonly eventTime: string } {
  return { metadata: { name: 'web.1', namespace: 'shop' }, eventTime: `2026-11-01T${time}:00.000000Z` };
}

test('one that is told of again is counted again, whoever counted before', async () => {
  await recordEvent(stub.client, at('12:00'), hour);
  expect(stored?.['series']).toBeUndefined();
  await recordEvent(stub.client, at('12:30'), 0);
  await recordEvent(stub.client, at('13:00'), 0);
  await recordEvent(stub.client, at('13:30'), 0);
  expect(stored).toEqual({ ...at('12:00'), series: { count: 4, lastObservedTime: at('13:30').eventTime } });
});

test('one that somebody told of lately is left as it is', async () => {
  await recordEvent(stub.client, at('12:00'), hour);
  await recordEvent(stub.client, at('12:59'), hour);
  expect(stored).toEqual(at('12:00'));
  await recordEvent(stub.client, at('13:00'), hour);
  await recordEvent(stub.client, at('13:59'), hour);
  expect(stored).toMatchObject({ series: { count: 2, lastObservedTime: at('13:00').eventTime } });
});

test('a namespace that ends is no fault, a right that is missing is one', async () => {
  refusal = failure(403, 'Forbidden', 'unable to create new content in namespace shop because it is being terminated');
  await recordEvent(stub.client, at('12:00'), hour);
  refusal = failure(404, 'NotFound', 'namespaces "shop" not found');
  await recordEvent(stub.client, at('12:00'), hour);
  refusal = failure(403, 'Forbidden', 'cannot create resource "events"');
  await expect(recordEvent(stub.client, at('12:00'), hour)).rejects.toThrow('cannot create');
});
