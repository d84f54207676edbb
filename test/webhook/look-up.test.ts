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
