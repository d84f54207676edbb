import { describe, expect, test } from 'vitest';
import { deployment, imageTagCheck } from '../engine/engine-kit.ts';
import { reviewOf, testWebhook } from './webhook-kit.ts';

const clean = deployment({ app: 'registry.example/app:1.0' });
const bad = deployment({ app: 'registry.example/app' });

describe('the line of a decision', () => {
  test('says who asked for what, and what came of it', async () => {
    const { post, lines } = testWebhook();
    await post('/validate', reviewOf(bad, { dryRun: true }), {
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    });
    expect(lines).toEqual([
      {
        msg: 'validated',
        uid: 'b7f1c2d0-0000-4000-8000-000000000001',
        operation: 'CREATE',
        object: { kind: 'apps/Deployment', namespace: 'shop', name: 'checkout' },
        subresource: undefined,
        user: 'jane',
        dryRun: true,
        durationMs: expect.any(Number) as number,
        trace_id: '0af7651916cd43dd8448eb211c80319c',
        span_id: 'b7ad6b7169203331',
        decision: 'denied',
        bypass: undefined,
        tier: 'standard',
        checks: { 'compute/image-tag': 'fail' },
      },
    ]);
  });

  test.each(['', 'nonsense', '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01', '00-0af7-b7ad-01'])(
    'has no trace where the header is %j',
    async (traceparent) => {
      const { post, lines } = testWebhook();
      await post('/validate', reviewOf(clean), { traceparent });
      expect(lines[0]).not.toHaveProperty('trace_id');
    },
  );

  test('never holds a value of the object', async () => {
    const check = imageTagCheck({
      kinds: ['core/Secret'],
      *evaluate() {
        yield { identity: 'x', path: '/data/password', message: 'value "hunter2" is short', fix: 'Replace hunter2' };
      },
    });
    const { post, lines } = testWebhook({ check, rule: { action: 'Warn' } });
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', namespace: 'shop' },
      data: { password: 'hunter2' },
    };
    const { response } = await post('/validate', reviewOf(secret));
    await post('/mutate', reviewOf(secret));
    expect(response.warnings?.[0]).toContain('hunter2');
    expect(lines).toHaveLength(2);
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });
});

describe('/metrics', () => {
  test('counts requests, results of checks, refused bodies, expiry and cache age', async () => {
    const { post, get } = testWebhook();
    await post('/validate', reviewOf(clean));
    await post('/validate', reviewOf(bad));
    await post('/mutate', reviewOf(bad));
    await post('/validate', 'nonsense');
    await post('/validate', reviewOf(clean, { operation: 'CONNECT' }));
    const { text } = await get('/metrics');
    const duration = 'daytwo_admission_duration_seconds_count';
    for (const line of [
      `${duration}{webhook="validate",operation="CREATE",kind="apps/Deployment",decision="allowed"} 1`,
      `${duration}{webhook="validate",operation="CREATE",kind="apps/Deployment",decision="denied"} 1`,
      `${duration}{webhook="mutate",operation="CREATE",kind="apps/Deployment",decision="unchanged"} 1`,
      'daytwo_check_results_total{check="compute/image-tag",outcome="pass",action="None"} 1',
      'daytwo_check_results_total{check="compute/image-tag",outcome="fail",action="Deny"} 1',
      'daytwo_refused_reviews_total{status="400"} 1',
      'daytwo_refused_reviews_total{status="invalid"} 1',
      'daytwo_certificate_expiry_timestamp_seconds{certificate="serving"} 1900000000',
      'daytwo_cache_age_seconds{kind="core/Namespace"} 3',
    ]) {
      expect(text).toContain(`\n${line}\n`);
    }
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
  });

  test('a check without the knowledge that it needs is counted', async () => {
    const check = imageTagCheck({ reads: { 'policy/PodDisruptionBudget': 'all' } });
    const { post, get } = testWebhook({
      check,
      view: () => ({ version: undefined, knows: () => 'none', list: () => [], all: () => [], get: () => undefined }),
    });
    await post('/validate', reviewOf(bad));
    expect((await get('/metrics')).text).toContain('\ndaytwo_check_unknown_total{check="compute/image-tag"} 1\n');
  });

  test('grows with neither names nor kinds that a client makes up', async () => {
    const { post, get } = testWebhook();
    const series = async (): Promise<number> => (await get('/metrics')).text.match(/^daytwo_/gm)?.length ?? 0;
    const request = (at: number): Promise<unknown> =>
      post(
        '/validate',
        reviewOf(
          { apiVersion: `e${at}.example/v1`, kind: `Kind${at}`, metadata: { name: `n${at}` } },
          { namespace: `ns${at}`, userInfo: { username: `u${at}` } },
        ),
      );
    await request(0);
    const before = await series();
    for (let at = 1; at < 50; at += 1) await request(at);
    expect(await series()).toBe(before);
    expect((await get('/metrics')).text).toContain('kind="other"');
  });
});
