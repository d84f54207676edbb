import { describe, expect, test } from 'vitest';
import type { Unconfirmed } from '../../src/engine/decision.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { ObjectIndex } from '../../src/kubernetes/object-index.ts';
import { deployment, namespace } from '../engine/engine-kit.ts';
import { reviewOf, testWebhook } from './webhook-kit.ts';

/** A workload that comes before the watch has brought its namespace is judged by the labels of that namespace all the same. */

const bad = deployment({ app: 'registry.example/app' });
const production = namespace('shop', { 'daytwo.dev/tier': 'production' });
const leaving: KubernetesObject = {
  ...namespace('shop', { 'daytwo.dev/tier': 'sandbox' }),
  metadata: { name: 'shop', deletionTimestamp: '2026-01-01T00:00:00Z', labels: { 'daytwo.dev/tier': 'sandbox' } },
};

/** @param held what the cache holds @param found what the API server itself says; undefined where it says nothing */
function webhookWith(held: readonly KubernetesObject[], found: readonly KubernetesObject[] | undefined) {
  const asked: (readonly Unconfirmed[])[] = [];
  const viewOf = (objects: readonly KubernetesObject[]): ObjectIndex => {
    const view = new ObjectIndex('all');
    for (const object of objects) view.put(object);
    return view;
  };
  const { post } = testWebhook({
    rule: { action: { production: 'Deny', standard: 'Warn', sandbox: 'Off' } },
    view: () => viewOf(held),
    lookUp: async (unconfirmed) => {
      asked.push(unconfirmed);
      return found && viewOf(found);
    },
  });
  return { asked, post };
}

describe('a namespace', () => {
  test('that the cache lacks is looked up, for both mouths', async () => {
    const { asked, post } = webhookWith([], [production]);
    expect((await post('/validate', reviewOf(bad))).response.allowed).toBe(false);
    expect((await post('/mutate', reviewOf(bad))).response.allowed).toBe(true);
    expect(asked).toEqual([
      [{ kind: 'core/Namespace', namespace: 'shop' }],
      [{ kind: 'core/Namespace', namespace: 'shop' }],
    ]);
  });

  test('that is known is not', async () => {
    const { asked, post } = webhookWith([production], []);
    expect((await post('/validate', reviewOf(bad))).response.allowed).toBe(false);
    expect(asked).toEqual([]);
  });

  test('that was deleted and made anew is', async () => {
    const { post } = webhookWith([leaving], [production]);
    expect((await post('/validate', reviewOf(bad))).response.allowed).toBe(false);
  });

  test('that is being deleted holds up nothing', async () => {
    const { asked, post } = webhookWith([leaving], []);
    expect((await post('/validate', reviewOf(bad, { operation: 'UPDATE', oldObject: bad }))).response.allowed).toBe(
      true,
    );
    expect(asked).toEqual([]);
  });

  test('of which nothing can be learned has the default tier', async () => {
    const { post } = webhookWith([], undefined);
    const { response } = await post('/validate', reviewOf(bad));
    expect(response.allowed).toBe(true);
    expect(response.warnings).toHaveLength(1);
  });

  test('is not looked up for its own sake', async () => {
    const { asked, post } = webhookWith([], []);
    await post('/validate', reviewOf(production, { namespace: 'shop' }));
    expect(asked).toEqual([]);
  });
});
