import { describe, expect, test } from 'vitest';
import type { ConfiguredCheck, Finding } from '../../../src/checks/check.ts';
import { stuckTerminating } from '../../../src/checks/platform/stuck-terminating.ts';
import { readSubject } from '../../../src/engine/subject.ts';
import { ObjectIndex } from '../../../src/kubernetes/object-index.ts';
import { activatePolicy } from '../../../src/policy/active-policy.ts';
import { validate } from '../../../src/policy/validate.ts';
import { liveRequest } from '../../../src/reconcile/standing-findings.ts';

const now = Date.parse('2026-11-21T12:00:00Z');

function findings(...conditions: readonly object[]): readonly Finding[] {
  const object = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'old', deletionTimestamp: '2026-11-21T09:00:00Z' },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Terminating', conditions },
  };
  const view = new ObjectIndex('all');
  const policy = activatePolicy('test', { rules: [] }, [], [stuckTerminating]);
  const configured = stuckTerminating.configure({}, validate) as ConfiguredCheck;
  return [...configured.evaluate(readSubject(liveRequest(object, undefined, now), object, policy, view), view)];
}

describe('a namespace that stays tells why, in the words of the API server', () => {
  test('where it could not be emptied', () => {
    const [finding] = findings(
      { type: 'NamespaceContentRemaining', status: 'True', message: 'Some resources are remaining' },
      { type: 'NamespaceDeletionContentFailure', status: 'True', message: 'admission webhook "x" denied the request' },
    );
    expect(finding?.message).toBe('its deletion has taken 3 hours so far, held by NamespaceDeletionContentFailure');
    expect(finding?.why).toBe('the API server says: admission webhook "x" denied the request');
  });

  test('where finalizers of what is in it remain', () => {
    const [finding] = findings(
      { type: 'NamespaceContentRemaining', status: 'True', message: 'Some resources are remaining' },
      { type: 'NamespaceFinalizersRemaining', status: 'True', message: 'strimzi.io/topic-operator in 3 instances' },
    );
    expect(finding?.message).toContain('held by NamespaceFinalizersRemaining');
    expect(finding?.why).toContain('strimzi.io/topic-operator');
  });

  test('or its finalizer where it says nothing', () => {
    const [finding] = findings({ type: 'NamespaceContentRemaining', status: 'False' });
    expect(finding?.message).toContain('held by kubernetes');
    expect(finding?.why).toBeUndefined();
  });
});
