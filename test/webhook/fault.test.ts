import { expect, test } from 'vitest';
import { ObjectIndex } from '../../src/kubernetes/object-index.ts';
import { deployment, imageTagCheck } from '../engine/engine-kit.ts';
import { reviewOf, testWebhook } from './webhook-kit.ts';

const uid = 'b7f1c2d0-0000-4000-8000-000000000001';
const clean = deployment({ app: 'registry.example/app:1.0' });
const view = (): never => {
  throw new RangeError('the value hunter2 is out of range');
};

test('a fault of daytwo admits, with the uid and a word of warning', async () => {
  const { post, lines, get } = testWebhook({ view });
  for (const path of ['/validate', '/mutate'] as const) {
    const { status, response } = await post(path, reviewOf(clean));
    expect(status).toBe(200);
    expect(response).toMatchObject({ uid, allowed: true });
    expect(response.warnings).toEqual([
      'daytwo itself failed and could not judge this object; its log has the place of the fault',
    ]);
  }
  expect(lines[0]).toMatchObject({ msg: 'failed', uid, fault: 'RangeError' });
  expect(JSON.stringify(lines)).toContain('fault.test.ts');
  expect(JSON.stringify(lines)).not.toContain('hunter2');
  expect((await get('/metrics')).text).toContain('\ndaytwo_faults_total 2\n');
});

test('a kind with a rule that says onFault: Deny is refused then', async () => {
  const { post } = testWebhook({ view, rule: { onFault: 'Deny' } });
  const { response } = await post('/validate', reviewOf(clean));
  expect(response).toMatchObject({ uid, allowed: false, status: { code: 500, reason: 'InternalError' } });
});

test('the next request is judged as if nothing had been', async () => {
  let calls = 0;
  const { post } = testWebhook({
    view: () => {
      calls += 1;
      if (calls === 1) throw new Error('once');
      return new ObjectIndex('all');
    },
  });
  expect((await post('/validate', reviewOf(deployment({ app: 'x' })))).response.allowed).toBe(true);
  expect((await post('/validate', reviewOf(deployment({ app: 'x' })))).response.allowed).toBe(false);
});

test('a check that throws is left out with a warning, or denies where the policy says so', async () => {
  const check = imageTagCheck({
    *evaluate() {
      yield* [];
      throw new Error('broken check');
    },
  });
  const allowed = await testWebhook({ check }).post('/validate', reviewOf(clean));
  expect(allowed.response).toMatchObject({
    allowed: true,
    warnings: ['compute/image-tag: not judged, because daytwo itself failed; please report it'],
    auditAnnotations: { checks: 'compute/image-tag=error' },
  });
  const denied = await testWebhook({ check, rule: { onFault: 'Deny' } }).post('/validate', reviewOf(clean));
  expect(denied.response.allowed).toBe(false);
  expect(denied.response.status?.message).toContain('could not be judged');
});
