import { describe, expect, test } from 'vitest';
import { applyPatch, type Operation } from '../../src/kubernetes/json-patch.ts';
import { deployment, imageTagCheck } from '../engine/engine-kit.ts';
import { reviewOf, testWebhook } from './webhook-kit.ts';

const clean = deployment({ app: 'registry.example/app:1.0' });
const bad = deployment({ app: 'registry.example/app', proxy: 'registry.example/proxy' });

describe('/validate', () => {
  test('admits in silence what is clean', async () => {
    const { response } = await testWebhook().post('/validate', reviewOf(clean));
    expect(response).toEqual({ uid: 'b7f1c2d0-0000-4000-8000-000000000001', allowed: true });
  });

  test('denies with 403, the whole text for people and causes for machines', async () => {
    const { response } = await testWebhook().post('/validate', reviewOf(bad));
    expect(response).toMatchObject({
      allowed: false,
      status: {
        code: 403,
        reason: 'Forbidden',
        details: {
          causes: [
            {
              field: 'spec.template.spec.containers[0].image',
              reason: 'compute/image-tag',
              message: 'container "app" has no tag',
            },
            { field: 'spec.template.spec.containers[1].image', reason: 'compute/image-tag' },
          ],
        },
      },
      auditAnnotations: { decision: 'denied', checks: 'compute/image-tag=fail' },
    });
    expect(response.warnings).toBeUndefined();
  });

  test('warns where the policy warns', async () => {
    const { response } = await testWebhook({ rule: { action: 'Warn' } }).post('/validate', reviewOf(bad));
    expect(response.allowed).toBe(true);
    expect(response.warnings).toEqual([
      'compute/image-tag: container "app" has no tag; Set a tag',
      'compute/image-tag: container "proxy" has no tag; Set a tag',
    ]);
  });

  test('says nothing to people where the policy only records', async () => {
    const { response } = await testWebhook({ rule: { action: 'Audit' } }).post('/validate', reviewOf(bad));
    expect(response.warnings).toBeUndefined();
    expect(response.auditAnnotations).toEqual({ decision: 'allowed', checks: 'compute/image-tag=warn' });
  });

  test('what stood there before warns and says so', async () => {
    const { response } = await testWebhook().post(
      '/validate',
      reviewOf(
        { ...bad, metadata: { ...bad.metadata, labels: { team: 'a' } } },
        { operation: 'UPDATE', oldObject: bad },
      ),
    );
    expect(response.allowed).toBe(true);
    expect(response.warnings?.[0]).toBe('compute/image-tag: container "app" has no tag (as before); Set a tag');
  });
});

describe('warnings stay within what an API server passes on', () => {
  const warned = async (containers: number, name = 'app'): Promise<readonly string[]> => {
    const images = Object.fromEntries(
      Array.from({ length: containers }, (_, at) => [`${name}${at}`, 'registry.example/app']),
    );
    const { response } = await testWebhook({ rule: { action: 'Warn' } }).post(
      '/validate',
      reviewOf(deployment(images)),
    );
    return response.warnings ?? [];
  };

  test('a hundred findings become sixteen lines that say how many there are', async () => {
    const warnings = await warned(100);
    expect(warnings).toHaveLength(16);
    expect(warnings[15]).toBe('and 85 more: daytwo audit <file>.yaml lists them all');
    expect(warnings.join('').length).toBeLessThan(2048);
  });

  test('a long one is cut at 120 characters, and never within a character', async () => {
    const [warning = ''] = await warned(1, '🚀'.repeat(60));
    expect(warning.length).toBeLessThanOrEqual(120);
    expect(warning.isWellFormed()).toBe(true);
    expect(warning).toMatch(/^compute\/image-tag: container "🚀.*…$/u);
  });

  test('control characters are gone: the API server would drop the warning, a terminal obey them', async () => {
    const [warning] = await warned(1, 'a\u001b[31m\nb\u0085');
    expect(warning).toBe('compute/image-tag: container "a [31m b 0" has no tag; Set a tag');
  });
});

describe('/mutate', () => {
  const operations: readonly Operation[] = [
    { op: 'test', path: '/metadata/labels', value: null },
    { op: 'add', path: '/metadata/labels', value: { tagged: 'no' } },
  ];
  const check = imageTagCheck({
    patch: ({ object }) => (object.metadata.labels === undefined ? operations : []),
  });

  test('answers with a JSON Patch that applies, and says whose it is', async () => {
    const { response } = await testWebhook({ check, rule: { patch: true } }).post('/mutate', reviewOf(bad));
    expect(response).toMatchObject({
      allowed: true,
      patchType: 'JSONPatch',
      auditAnnotations: { patched: 'compute/image-tag' },
    });
    const patch = JSON.parse(Buffer.from(response.patch ?? '', 'base64').toString()) as Operation[];
    expect(applyPatch(bad, patch).metadata.labels).toEqual({ tagged: 'no' });
  });

  test('without anything to patch it only admits', async () => {
    const { response } = await testWebhook().post('/mutate', reviewOf(bad));
    expect(response).toEqual({ uid: 'b7f1c2d0-0000-4000-8000-000000000001', allowed: true });
  });

  test('a patch that would start a rollout is a warning', async () => {
    const inTemplate = imageTagCheck({
      patch: () => [{ op: 'add', path: '/spec/template/metadata/labels/tagged', value: 'no' }],
    });
    const scaled = { ...bad, spec: { ...(bad['spec'] as object), replicas: 5 } };
    const { response } = await testWebhook({ check: inTemplate, rule: { patch: true } }).post(
      '/mutate',
      reviewOf(scaled, { operation: 'UPDATE', oldObject: bad }),
    );
    expect(response.patch).toBeUndefined();
    expect(response.warnings).toEqual([
      'compute/image-tag: not patched: it would start a rollout that this request does not ask for',
    ]);
  });
});

describe('probes', () => {
  test('alive whatever the state, ready unless there is a reason', async () => {
    const { get } = testWebhook({ notReady: () => 'the cluster cache is not synced yet' });
    expect(await get('/livez')).toEqual({ status: 200, text: 'ok\n' });
    expect(await get('/readyz')).toEqual({ status: 503, text: 'the cluster cache is not synced yet\n' });
    expect(await testWebhook().get('/readyz')).toEqual({ status: 200, text: 'ok\n' });
  });
});
