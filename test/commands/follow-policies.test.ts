import { beforeEach, expect, test, vi } from 'vitest';
import { followPolicies } from '../../src/commands/follow-policies.ts';
import { loadSoundPolicy } from '../../src/commands/load-policy.ts';
import type { OnChange } from '../../src/cluster/indexed-store.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { ObjectIndex } from '../../src/kubernetes/object-index.ts';

const base = await loadSoundPolicy({ policy: 'observe', policiesFolder: new URL('../../policies/', import.meta.url) });

function policy(generation: number, action = 'Deny', status = {}): KubernetesObject {
  return {
    apiVersion: 'daytwo.dev/v1alpha1',
    kind: 'ReadinessPolicy',
    metadata: { name: 'mine', uid: 'u', generation },
    spec: { rules: [{ check: 'compute/memory-limit', action }] },
    status,
  };
}

function follow() {
  const index = new ObjectIndex('all');
  const listeners: OnChange[] = [];
  const said: string[] = [];
  const log = (fields: object, message: string): void => void said.push(`${message} ${JSON.stringify(fields)}`);
  const followed = followPolicies({
    cluster: { view: () => index, listen: (one) => void listeners.push(one), notReady: () => undefined },
    base,
    ownNamespace: 'daytwo-system',
    log: { info: log, warn: log },
  });
  return {
    followed,
    said,
    put: (object: KubernetesObject): void => {
      index.put(object);
      for (const listener of listeners) listener('daytwo.dev/ReadinessPolicy', undefined, 'mine');
    },
    hear: (kind: `${string}/${string}`): void => listeners.forEach((listener) => listener(kind, 'shop', 'x')),
  };
}

beforeEach(() => {
  vi.useFakeTimers();
  return () => void vi.useRealTimers();
});

test('many changes make one new set, within 500 ms, and it is there as a whole', () => {
  const { followed, said, put } = follow();
  const before = followed.policy();
  for (let generation = 1; generation <= 20; generation += 1) put(policy(generation));
  expect(followed.notReady()).toBe('the policies are not read yet');
  expect(followed.policy()).toBe(before);
  vi.advanceTimersByTime(500);
  expect(followed.policy().name).toBe('mine, observe');
  expect(followed.notReady()).toBeUndefined();
  expect(said).toHaveLength(1);
});

test('a status is no change of policy, nor is another kind', () => {
  const { followed, put, hear } = follow();
  put(policy(1));
  vi.advanceTimersByTime(500);
  const first = followed.policy();
  put(policy(1, 'Deny', { accepted: true }));
  hear('core/Node');
  vi.advanceTimersByTime(500);
  expect(followed.policy()).toBe(first);
});

test('one that cannot be obeyed is logged once, and what it said before stays', () => {
  const { followed, said, put } = follow();
  put(policy(1));
  vi.advanceTimersByTime(500);
  put(policy(2, 'Never'));
  vi.advanceTimersByTime(500);
  put(policy(2, 'Never', { accepted: false }));
  vi.advanceTimersByTime(500);
  expect(said.filter((line) => line.includes('cannot be obeyed'))).toHaveLength(1);
  expect(said.at(-1)).toContain('spec.rules[0].action: must be one of');
  expect(followed.policyStates()[0]?.status).toMatchObject({ accepted: false, rules: 1 });
  expect(followed.policy().name).toBe('mine, observe');
});
