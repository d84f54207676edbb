import { expect, test } from 'vitest';
import { fitsNode, nodeDemands } from '../../src/kubernetes/node-affinity.ts';

const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a', labels: { zone: 'eu-1a', cores: '16' } } };

function required(...nodeSelectorTerms: object[]): object {
  return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } };
}

function expression(key: string, operator: string, ...values: string[]): object {
  return { matchExpressions: [{ key, operator, ...(values.length > 0 && { values }) }] };
}

test.each<[string, object, boolean]>([
  ['nothing is asked', {}, true],
  ['a label', { nodeSelector: { zone: 'eu-1a' } }, true],
  ['another label', { nodeSelector: { zone: 'eu-1b' } }, false],
  ['one of several zones', required(expression('zone', 'In', 'eu-1b', 'eu-1a')), true],
  ['none of these zones', required(expression('zone', 'NotIn', 'eu-1a')), false],
  ['a missing label is not in anything', required(expression('gpu', 'NotIn', 'a100')), true],
  ['exists', required(expression('zone', 'Exists')), true],
  ['does not exist', required(expression('zone', 'DoesNotExist')), false],
  ['more than', required(expression('cores', 'Gt', '8')), true],
  ['less than', required(expression('cores', 'Lt', '8')), false],
  ['more than a word', required(expression('zone', 'Gt', '8')), false],
  ['an alternative', required(expression('zone', 'In', 'eu-1b'), expression('cores', 'In', '16')), true],
  [
    'an alternative, but a nodeSelector besides',
    { nodeSelector: { gpu: 'a100' }, ...required(expression('zone', 'Exists')) },
    false,
  ],
  ['an empty term', required({}), false],
  ['no term', required(), false],
  ['its name', required({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] }), true],
  [
    'a preference',
    {
      affinity: {
        nodeAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 1, preference: expression('zone', 'In', 'eu-1b') },
          ],
        },
      },
    },
    true,
  ],
])('%s', (_case, spec, expected) => {
  expect(fitsNode(nodeDemands(spec as Record<string, unknown>), node)).toBe(expected);
});
