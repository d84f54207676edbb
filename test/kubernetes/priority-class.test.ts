import { describe, expect, test } from 'vitest';
import { ObjectIndex } from '../../src/kubernetes/object-index.ts';
import { defaultPriorityClass, findPriorityClass, ownPriorityClasses } from '../../src/kubernetes/priority-class.ts';

function world(...classes: readonly (readonly [name: string, fields: object])[]): ObjectIndex {
  const view = new ObjectIndex('all');
  for (const [name, more] of classes)
    view.put({
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name },
      ...more,
    });
  return view;
}

describe('the class of pods without one', () => {
  test.each([
    ['there is none', [], undefined],
    ['no class is the default', [['gold', { value: 10 }]], undefined],
    ['the only default', [['gold', { value: 10, globalDefault: true }]], 'gold'],
    [
      'of two defaults the lower',
      [
        ['gold', { value: 10, globalDefault: true }],
        ['tin', { value: -1, globalDefault: true }],
      ],
      'tin',
    ],
  ] as const)('%s', (_case, classes, expected) => {
    expect(defaultPriorityClass(world(...classes))?.name).toBe(expected);
  });
});

test('a class that leaves things out has what the API server fills in', () => {
  expect(findPriorityClass('tin', world(['tin', {}]))).toEqual({
    name: 'tin',
    value: 0,
    globalDefault: false,
    preemptionPolicy: 'PreemptLowerPriority',
  });
});

test('the classes of the system are there without being seen', () => {
  expect(findPriorityClass('system-node-critical', world())?.value).toBe(2_000_001_000);
  expect(findPriorityClass('gold', world())).toBeUndefined();
});

test('classes of one’s own, the highest first', () => {
  const classes = world(['low', { value: 1 }], ['high', { value: 9 }], ['system-node-critical', { value: 2e9 }]);
  expect(ownPriorityClasses(classes)).toEqual(['high', 'low']);
});
