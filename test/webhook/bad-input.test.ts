import { describe, expect, test } from 'vitest';
import { loadPolicy } from '../../src/commands/load-policy.ts';
import { deployment } from '../engine/engine-kit.ts';
import { reviewOf, testWebhook } from './webhook-kit.ts';

const { post, get } = testWebhook();
const clean = deployment({ app: 'registry.example/app:1.0' });
const groupOf: Readonly<Record<string, { readonly apiVersion: string }>> = {
  Pod: { apiVersion: 'v1' },
  ConfigMap: { apiVersion: 'v1' },
  Secret: { apiVersion: 'v1' },
  PodDisruptionBudget: { apiVersion: 'policy/v1' },
  StorageClass: { apiVersion: 'storage.k8s.io/v1' },
};
const uid = 'b7f1c2d0-0000-4000-8000-000000000001';

describe('before the uid is known, the answer is an HTTP error that says what is wrong', () => {
  const review = (more: object): object => ({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', ...more });
  test.each<[string, object | string, number, string]>([
    ['not JSON', '{"kind": "AdmissionReview"', 400, 'the body is not JSON'],
    ['an empty body', '', 400, 'the body is not JSON'],
    ['JSON with a comment', '{} // hi', 400, 'the body is not JSON'],
    [
      'null',
      'null',
      400,
      'expected apiVersion "admission.k8s.io/v1" and kind "AdmissionReview", not (missing) (missing)',
    ],
    [
      'a list',
      '[]',
      400,
      'expected apiVersion "admission.k8s.io/v1" and kind "AdmissionReview", not (missing) (missing)',
    ],
    [
      'another version',
      { apiVersion: 'admission.k8s.io/v1beta1', kind: 'AdmissionReview' },
      400,
      'expected apiVersion "admission.k8s.io/v1" and kind "AdmissionReview", not "admission.k8s.io/v1beta1" "AdmissionReview"',
    ],
    [
      'a kind that is a number',
      { apiVersion: 'admission.k8s.io/v1', kind: 5 },
      400,
      'expected apiVersion "admission.k8s.io/v1" and kind "AdmissionReview", not "admission.k8s.io/v1" number',
    ],
    ['no request', review({}), 400, 'request: missing, or not an object'],
    ['a request that is null', review({ request: null }), 400, 'request: missing, or not an object'],
    ['a request that is a list', review({ request: [] }), 400, 'request: missing, or not an object'],
    ['no uid', review({ request: {} }), 400, 'request.uid: must be a string that is not empty'],
    ['an empty uid', review({ request: { uid: '' } }), 400, 'request.uid: must be a string that is not empty'],
    ['a uid that is a number', review({ request: { uid: 5 } }), 400, 'request.uid: must be a string that is not empty'],
    [
      'a request under __proto__',
      '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","__proto__":{"request":{"uid":"x"}}}',
      400,
      'request: missing, or not an object',
    ],
  ])('%s', async (_what, body, status, error) => {
    const answer = await post('/validate', body);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toEqual({ error });
  });

  test('a body that is no JSON by its own word', async () => {
    const answer = await post('/validate', reviewOf(clean), { 'content-type': 'application/yaml' });
    expect([answer.status, answer.text]).toEqual([415, '{"error":"expected content-type application/json"}']);
  });

  test('a body of 41 MiB', async () => {
    const answer = await post('/validate', `"${'x'.repeat(41 * 1024 * 1024)}"`);
    expect([answer.status, answer.text]).toEqual([413, '{"error":"the body is larger than 40 MiB"}']);
  });

  test('a path that does not exist', async () => {
    expect((await post('/admit', reviewOf(clean))).status).toBe(404);
    expect(await get('/')).toMatchObject({ status: 404 });
  });

  test('what was sent never comes back: it may hold a Secret', async () => {
    const answer = await post('/validate', '{"data": hunter2');
    expect(answer.text).not.toContain('hunter2');
  });
});

describe('with a uid, the answer is a response with that uid that admits nothing unread', () => {
  test.each<[string, object, string]>([
    ['no operation', { operation: undefined }, 'request.operation: must be CREATE, UPDATE or DELETE, not (missing)'],
    ['CONNECT', { operation: 'CONNECT' }, 'request.operation: must be CREATE, UPDATE or DELETE, not "CONNECT"'],
    ['no object', { object: undefined }, 'request.object: missing, or not an object'],
    ['an object that is null', { object: null }, 'request.object: missing, or not an object'],
    ['an object that is a list', { object: [] }, 'request.object: missing, or not an object'],
    ['an UPDATE without its old object', { operation: 'UPDATE' }, 'request.oldObject: missing, or not an object'],
    ['a DELETE without its old object', { operation: 'DELETE' }, 'request.oldObject: missing, or not an object'],
    ['an object without a kind', { object: { ...clean, kind: 7 } }, 'request.object.kind: must be a string'],
    [
      'an object without a version',
      { object: { ...clean, apiVersion: '' } },
      'request.object.apiVersion: must be a string',
    ],
    [
      'an object without metadata',
      { object: { ...clean, metadata: null } },
      'request.object.metadata: missing, or not an object',
    ],
    [
      'a name that is a number',
      { object: { ...clean, metadata: { name: 5 } } },
      'request.object.metadata.name: must be a string',
    ],
    ['a namespace that is a number', { namespace: 5 }, 'request.namespace: must be a string'],
    ['a user that is a list', { userInfo: { username: [] } }, 'request.userInfo.username: must be a string'],
    ['dryRun as a string', { dryRun: 'true' }, 'request.dryRun: must be true or false'],
  ])('%s', async (_what, tweak, message) => {
    for (const path of ['/validate', '/mutate'] as const) {
      const { status, response } = await post(path, reviewOf(clean, tweak));
      expect(status).toBe(200);
      expect(response).toEqual({ uid, allowed: false, status: { code: 400, reason: 'BadRequest', message } });
    }
  });
});

describe('strange objects that an API server accepts are judged, by every check', async () => {
  const policy = await loadPolicy({ policy: 'strict', policiesFolder: new URL('../../policies/', import.meta.url) });
  const { post } = testWebhook({ policy: () => policy });
  const template = (spec: object): object => ({ spec: { template: { metadata: null, spec } } });
  test.each<[string, object]>([
    ['a key __proto__', JSON.parse('{"metadata": {"name": "x", "annotations": {"__proto__": "y"}}}') as object],
    ['keys that every object has', { metadata: { name: 'x', labels: { constructor: 'x', toString: 'y' } } }],
    ['null lists', template({ containers: null, initContainers: null, volumes: null })],
    ['lists of null', template({ containers: [null], volumes: [null] })],
    ['numbers for strings', template({ containers: [{ name: 5, image: 7, env: [{ name: 1, value: 2 }] }] })],
    [
      'strings for lists and maps',
      template({ containers: [{ name: 'a', env: 'no', resources: 'many' }], volumes: 'all' }),
    ],
    ['a string for the spec', { spec: 'nothing' }],
  ])('%s', async (_what, tweak) => {
    for (const kind of [
      'Deployment',
      'StatefulSet',
      'Pod',
      'PodDisruptionBudget',
      'StorageClass',
      'ConfigMap',
      'Secret',
    ]) {
      const { response } = await post('/validate', reviewOf({ ...clean, ...groupOf[kind], kind, ...tweak }));
      const patched = await post('/mutate', reviewOf({ ...clean, ...groupOf[kind], kind, ...tweak }));
      expect(patched.response).toMatchObject({ uid, allowed: true });
      expect(response.uid).toBe(uid);
      expect(response.status?.reason ?? 'Forbidden').toBe('Forbidden');
      expect(response.auditAnnotations?.['checks'] ?? '').not.toContain('=error');
    }
  });

  test.each([100, 5_000, 100_000])('%i levels of nesting', async (levels) => {
    const body = JSON.stringify(reviewOf({ ...clean, status: 'DEEP' })).replace('"DEEP"', nested(levels));
    expect((await post('/validate', body)).response.uid).toBe(uid);
    expect((await post('/mutate', body)).response.uid).toBe(uid);
  });
  test('an UPDATE of something nested deeply', async () => {
    const object = { ...clean, data: 'DEEP' };
    const body = JSON.stringify(reviewOf(object, { operation: 'UPDATE', oldObject: object }));
    const { response } = await post('/validate', body.replace('"DEEP"', nested(500)).replace('"DEEP"', nested(501)));
    expect(response.uid).toBe(uid);
    expect(JSON.stringify(response)).not.toContain('daytwo itself failed');
  });
});

describe('what JSON leaves open is read as the API server reads it', () => {
  test('of a key that stands twice the last one counts, ', async () => {
    const body = JSON.stringify(reviewOf(clean)).replace('"image":', '"image":"registry.example/app","image":');
    expect((await post('/validate', body)).response.allowed).toBe(true);
    const reversed = JSON.stringify(reviewOf(clean)).replace(
      '"image":"registry.example/app:1.0"',
      '"image":"a:1","image":"b"',
    );
    expect((await post('/validate', reversed)).response.allowed).toBe(false);
  });

  test('a kind that nobody knows is admitted', async () => {
    const { response } = await post('/validate', reviewOf({ ...clean, apiVersion: 'example.com/v1', kind: 'Oddity' }));
    expect(response).toEqual({ uid, allowed: true });
  });

  test('a deletion is asked about the object that goes', async () => {
    const { response } = await post(
      '/validate',
      reviewOf(clean, { operation: 'DELETE', object: null, oldObject: clean }),
    );
    expect(response).toEqual({ uid, allowed: true, auditAnnotations: { decision: 'bypassed', bypass: 'deletion' } });
  });
});

/** As text: `JSON.stringify` itself gives up at some thousand levels. */
function nested(levels: number): string {
  return `${'{"deeper":'.repeat(levels)}{}${'}'.repeat(levels)}`;
}
