import { afterEach, expect, test } from 'vitest';
import { riskOfIsolation } from '../../src/cluster/risk-of-isolation.ts';
import { type ApiStub, answerJson, startApiStub } from './api-stub.ts';

const label = 'daytwo.dev/generate';
const now = Date.parse('2026-11-01T12:00:00Z');
const optedIn = '2026-11-01T11:00:00Z';

let stub: ApiStub | undefined;
afterEach(async () => {
  await stub?.stop();
});

/** Of a namespace with this one Pod, in a cluster without webhooks. */
async function riskOf(pod: object): Promise<string | undefined> {
  stub = await startApiStub(({ pathname }, response) => {
    const fieldsV1 = { 'f:metadata': { 'f:labels': { [`f:${label}`]: {} } } };
    if (pathname === '/api/v1/namespaces/shop')
      return answerJson(response, { metadata: { name: 'shop', managedFields: [{ time: optedIn, fieldsV1 }] } });
    return answerJson(response, { metadata: { resourceVersion: '1' }, items: pathname.endsWith('/pods') ? [pod] : [] });
  });
  return await riskOfIsolation(stub.client, 'shop', label, now);
}

function pod(creationTimestamp: string, spec: object = {}, phase = 'Running'): object {
  return { metadata: { name: 'web', creationTimestamp }, spec, status: { phase } };
}

test.each([
  ['a Pod that was there before the opt-in', pod('2026-11-01T10:59:59Z'), 'Pod web is older than the opt-in'],
  [
    'a Pod that came after the opt-in and runs since',
    pod('2026-11-01T11:01:00Z'),
    'Pod web has been there for more than a minute',
  ],
  ['a Pod that still waits for its node', pod('2026-11-01T11:01:00Z', {}, 'Pending'), 'Pod web has been there for'],
])('%s is a risk', async (_what, object, risk) => {
  expect(await riskOf(object)).toContain(risk);
});

test.each([
  ['a Pod that has just come', pod('2026-11-01T11:59:30Z')],
  ['a Pod in the network of its node', pod('2026-11-01T10:00:00Z', { hostNetwork: true })],
  ['a Pod that is done', pod('2026-11-01T10:00:00Z', {}, 'Succeeded')],
])('%s is none', async (_what, object) => {
  expect(await riskOf(object)).toBeUndefined();
});
