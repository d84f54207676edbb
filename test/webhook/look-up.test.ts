import { describe, expect, test } from 'vitest';
import { deployment, imageTagCheck, namespace, worldOf } from '../engine/engine-kit.ts';
import type { ObjectIndex } from '../../src/kubernetes/object-index.ts';
import { reviewOf, testWebhook } from './webhook-kit.ts';

/** The one thing that an admission waits for: a look into the cluster before somebody is refused for what is missing. */

const lacking = deployment({ app: 'registry.example/app' });
const check = imageTagCheck({
  companions: { kinds: ['policy/PodDisruptionBudget'], of: ['apps/Deployment'] },
  reads: { 'policy/PodDisruptionBudget': 'some' },
  *evaluate({ namespace }, _params, view) {
    if ([...view.list('policy/PodDisruptionBudget', namespace)].length > 0) return;
    yield { identity: 'pdb', path: '/spec', message: 'no budget', fix: 'Add one', atMost: 'Warn', pending: true };
  },
});
const rule = { action: 'Warn', whenMissing: 'Deny' } as const;
/** Known, or the cluster would be asked for it first. */
const shop = namespace('shop');
const view = (): ObjectIndex => worldOf(shop);
const budget = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'checkout', namespace: 'shop' },
};

describe('before a refusal for what is missing', () => {
  test('the cluster is asked for just that, and the refusal stands where it is missing there too', async () => {
    const asked: unknown[] = [];
    const { post } = testWebhook({
      check,
      rule,
      view,
      lookUp: async (wanted) => {
        asked.push(...wanted);
        return worldOf(shop);
      },
    });
    const { response } = await post('/validate', reviewOf(lacking));
    expect(response).toMatchObject({ allowed: false, status: { code: 403 } });
    expect(asked).toEqual([{ kind: 'policy/PodDisruptionBudget', namespace: 'shop' }]);
  });

  test.each([
    ['it is there by now', async (): Promise<ObjectIndex> => worldOf(shop, budget), undefined],
    [
      'nobody answers in time',
      async (): Promise<undefined> => undefined,
      ['compute/image-tag: pending: no budget; Add one'],
    ],
    ['there is nobody to ask', undefined, ['compute/image-tag: pending: no budget; Add one']],
  ] as const)('the workload is admitted when %s', async (_when, lookUp, warnings) => {
    const { post } = testWebhook({ check, rule, view, ...(lookUp && { lookUp }) });
    const { response } = await post('/validate', reviewOf(lacking));
    expect(response.allowed).toBe(true);
    expect(response.warnings).toEqual(warnings);
  });

  test('nobody is asked in a dry run, nor for what is refused or admitted anyway', async () => {
    const lookUp = (): never => {
      throw new Error('asked');
    };
    const { post } = testWebhook({ check, rule, view, lookUp });
    const { response } = await post('/validate', reviewOf(lacking, { dryRun: true }));
    expect(response).toMatchObject({ allowed: true, warnings: [expect.stringContaining('pending')] });
  });

  test('a look that fails in a way that nobody thought of is answered like any other fault', async () => {
    const { post } = testWebhook({ check, rule, view, lookUp: () => Promise.reject(new Error('broken')) });
    const { response } = await post('/validate', reviewOf(lacking));
    expect(response).toMatchObject({ allowed: true, warnings: [expect.stringContaining('daytwo itself failed')] });
  });
});

describe('before a refusal for another object that the cache holds', () => {
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop' } };
  const resting = imageTagCheck({
    reads: { 'core/Service': 'none' },
    *evaluate({ namespace }, _params, view) {
      if (view.get('core/Service', namespace, 'web') === undefined) return;
      const restsOn = [{ groupKind: 'core/Service', name: 'web' }] as const;
      yield { identity: 'service', path: '/spec', message: 'Service web sends requests', fix: 'Add a probe', restsOn };
    },
  });
  const cached = (): ObjectIndex => worldOf(shop, service);

  test.each([false, true])(
    'just that object is read, in a dry run too (%s), and the refusal stands',
    async (dryRun) => {
      const asked: unknown[] = [];
      const lookUp = async (wanted: readonly unknown[]): Promise<ObjectIndex> => {
        asked.push(...wanted);
        return cached();
      };
      const { post } = testWebhook({ check: resting, view: cached, lookUp });
      const { response } = await post('/validate', reviewOf(lacking, { dryRun }));
      expect(response).toMatchObject({ allowed: false, status: { code: 403 } });
      expect(asked).toEqual([{ kind: 'core/Service', namespace: 'shop', name: 'web' }]);
    },
  );

  test.each([
    ['it is gone by now', async (): Promise<ObjectIndex> => worldOf(shop), undefined],
    [
      'nobody answers in time',
      async (): Promise<undefined> => undefined,
      ['compute/image-tag: Service web sends requests; Add a probe'],
    ],
  ] as const)('the workload is admitted when %s', async (_when, lookUp, warnings) => {
    const { post } = testWebhook({ check: resting, view: cached, lookUp });
    const { response } = await post('/validate', reviewOf(lacking));
    expect(response.allowed).toBe(true);
    expect(response.warnings).toEqual(warnings);
  });

  test('nobody is asked for what only warns, or stood there before', async () => {
    const lookUp = (): never => {
      throw new Error('asked');
    };
    const warning = testWebhook({ check: resting, rule: { action: 'Warn' }, view: cached, lookUp });
    expect((await warning.post('/validate', reviewOf(lacking))).response.allowed).toBe(true);
    const refusing = testWebhook({ check: resting, view: cached, lookUp });
    const old = deployment({ app: 'registry.example/old' });
    const update = reviewOf(lacking, { operation: 'UPDATE', oldObject: old });
    expect((await refusing.post('/validate', update)).response.allowed).toBe(true);
  });
});
