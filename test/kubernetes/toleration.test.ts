import { describe, expect, test } from 'vitest';
import { toleratesNode, toleratesTaint, tolerationSeconds } from '../../src/kubernetes/toleration.ts';

const taint = { key: 'dedicated', value: 'gpu', effect: 'NoSchedule' };

describe('a toleration', () => {
  test.each<[string, object, boolean]>([
    ['of everything', { operator: 'Exists' }, true],
    ['of every taint with this effect', { operator: 'Exists', effect: 'NoSchedule' }, true],
    ['of every taint with another effect', { operator: 'Exists', effect: 'NoExecute' }, false],
    ['of the key', { key: 'dedicated', operator: 'Exists' }, true],
    ['of the value', { key: 'dedicated', value: 'gpu' }, true],
    ['of another value', { key: 'dedicated', operator: 'Equal', value: 'cpu' }, false],
    ['of another key', { key: 'spot', operator: 'Exists' }, false],
    ['without a key', { operator: 'Equal', value: 'gpu' }, false],
    ['with an operator of a later version', { key: 'dedicated', operator: 'Gt', value: '1' }, false],
  ])('%s', (_case, toleration, expected) => {
    expect(toleratesTaint(toleration as Record<string, unknown>, taint)).toBe(expected);
  });
});

test.each<[string, object[], number]>([
  ['none', [], 0],
  ['what the API server adds', [{ key: 'k', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }], 300],
  ['no end', [{ key: 'k', operator: 'Exists' }], Infinity],
  ['an empty value', [{ key: 'k', operator: 'Equal', value: '', effect: 'NoExecute' }], Infinity],
  ['the shorter one counts', [{ operator: 'Exists' }, { key: 'k', operator: 'Exists', tolerationSeconds: 30 }], 30],
  ['another effect', [{ key: 'k', operator: 'Exists', effect: 'NoSchedule' }], 0],
])('seconds on a tainted node: %s', (_case, tolerations, seconds) => {
  expect(tolerationSeconds(tolerations as Record<string, unknown>[], 'k')).toBe(seconds);
});

test.each<[string, object[], object[], boolean]>([
  ['no taints', [], [], true],
  ['a taint', [taint], [], false],
  ['a tolerated taint', [taint], [{ key: 'dedicated', operator: 'Exists' }], true],
  ['only a preference', [{ ...taint, effect: 'PreferNoSchedule' }], [], true],
  ['cordoned just now', [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }], [], true],
  ['about to be replaced by Karpenter', [{ key: 'karpenter.sh/disrupted', effect: 'NoSchedule' }], [], true],
  [
    'not yet set up by its cloud',
    [{ key: 'node.cloudprovider.kubernetes.io/uninitialized', effect: 'NoSchedule' }],
    [],
    true,
  ],
  ['of a pool for other pods', [{ key: 'karpenter.sh/pool', effect: 'NoSchedule' }], [], false],
  ['one of two', [taint, { key: 'spot', effect: 'NoExecute' }], [{ key: 'spot', operator: 'Exists' }], false],
])('a node with %s', (_case, taints, tolerations, expected) => {
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' }, spec: { taints } };
  expect(toleratesNode(tolerations as Record<string, unknown>[], node)).toBe(expected);
});
