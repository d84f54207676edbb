import { describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { ObjectIndex } from '../../src/kubernetes/object-index.ts';
import { deployment } from '../engine/engine-kit.ts';
import { exemption } from '../policy/exemption-kit.ts';
import { reviewOf, testWebhook } from './webhook-kit.ts';

/** The clock of the kit stands at the beginning of 2026. */
const { post, lines } = testWebhook();

function policy(rule: object): KubernetesObject {
  return {
    apiVersion: 'daytwo.dev/v1alpha1',
    kind: 'ReadinessPolicy',
    metadata: { name: 'payments' },
    spec: { rules: [{ check: 'compute/image-tag', action: 'Deny', ...rule }] },
  };
}

const expired = exemption({ until: '2025-12-31' });

describe('a policy', () => {
  test('that can be obeyed is admitted', async () => {
    const { response } = await post('/validate', reviewOf(policy({})));
    expect(response.allowed).toBe(true);
  });

  test('is refused with every mistake, its field and what was meant', async () => {
    const { response } = await post('/validate', reviewOf(policy({ check: 'compute/image-tags', action: 'deny' })));
    expect(response.allowed).toBe(false);
    expect(response.status?.message).toBe(
      [
        'ReadinessPolicy payments: 2 mistakes',
        '',
        '  ✗ spec.rules[0].action: must be one of Deny, Warn, Audit, Off, not "deny"; did you mean Deny?',
        '  ✗ spec.rules[0].check: there is no check "compute/image-tags"; did you mean compute/image-tag?',
      ].join('\n'),
    );
    expect(response.status?.details?.causes.map(({ field }) => field)).toEqual([
      'spec.rules[0].action',
      'spec.rules[0].check',
    ]);
    expect(lines.at(-1)).toMatchObject({ decision: 'denied' });
  });

  test('cannot make the message of a terminal or a megabyte of it', async () => {
    const { response } = await post('/validate', reviewOf(policy({ check: `a\u001B[31m${'b'.repeat(10_000)}` })));
    expect(response.status?.message).not.toContain('\u001B');
    expect(response.status?.message.length).toBeLessThan(1000);
  });
});

describe('an exemption', () => {
  test('that is in order is admitted', async () => {
    const { response } = await post('/validate', reviewOf(exemption()));
    expect(response.allowed).toBe(true);
  });

  test.each<[string, KubernetesObject, string]>([
    ['expired', expired, 'spec.until: expired on 2025-12-31; today is 2026-01-01'],
    ['too broad', exemption({ checks: ['*'] }), 'spec.checks[0]: too broad'],
    ['of an unknown check', exemption({ checks: ['compute/x'] }), 'spec.checks[0]: there is no check "compute/x"'],
  ])('%s is refused', async (_case, object, words) => {
    const { response } = await post('/validate', reviewOf(object));
    expect(response.allowed).toBe(false);
    expect(response.status?.message).toContain(words);
  });

  test('that has expired may be labelled, freed of finalizers and deleted', async () => {
    const metadata = { ...expired.metadata, labels: { seen: 'yes' } };
    const update = { operation: 'UPDATE', oldObject: expired };
    expect((await post('/validate', reviewOf({ ...expired, metadata }, update))).response.allowed).toBe(true);
    const removal = { operation: 'DELETE', object: null, oldObject: expired };
    expect((await post('/validate', reviewOf(expired, removal))).response.allowed).toBe(true);
    const edited = exemption({ until: '2025-12-31', reason: 'another' });
    expect((await post('/validate', reviewOf(edited, update))).response.allowed).toBe(false);
  });
});

test('an exemption that is used is named in the log and in the audit annotations', async () => {
  const view = new ObjectIndex('all');
  view.put(exemption({ until: '2026-12-31' }));
  const kit = testWebhook({ view: () => view });
  const { response } = await kit.post('/validate', reviewOf(deployment({ app: 'app' })));
  expect(response).toMatchObject({ allowed: true, auditAnnotations: { exemptions: 'shop/legacy' } });
  expect(kit.lines.at(-1)).toMatchObject({ decision: 'allowed', exemptions: ['shop/legacy'] });
  expect(JSON.stringify(kit.lines)).not.toContain('move to the new shop');
});
