import { expect, test } from 'vitest';
import { WorkList } from '../../src/reconcile/work-list.ts';

const options = { settle: 10, sweepEvery: 1_000, sweepSoon: 100 };
const all = (): readonly string[] => ['a', 'b', 'c'];

function started(): WorkList {
  const work = new WorkList(options, 0);
  expect(work.take(0, all)).toEqual(['a', 'b', 'c']);
  return work;
}

test('begins with everything, and takes up everything again after a while', () => {
  const work = started();
  expect(work.next(0)).toBe(1_000);
  expect(work.take(999, all)).toEqual([]);
  expect(work.take(1_000, all)).toEqual(['a', 'b', 'c']);
});

test('a namespace is due once, a moment after the first of many changes', () => {
  const work = started();
  for (let i = 0; i < 8; i += 1) work.touch('apps/Deployment', 'a', `web-${i}`, 100 + i);
  work.touch('core/Namespace', undefined, 'b', 105);
  expect(work.next(107)).toBe(3);
  expect(work.take(109, all)).toEqual([]);
  expect(work.take(110, all)).toEqual(['a']);
  expect(work.take(115, all)).toEqual(['b']);
  expect(work.take(999, all)).toEqual([]);
});

test('a later date does not put off an earlier one', () => {
  const work = started();
  work.at('a', 500);
  work.touch('apps/Deployment', 'a', 'web', 100);
  work.at('a', 600);
  expect(work.take(110, all)).toEqual(['a']);
});

test('what lies outside of namespaces brings everything up soon, but for nodes', () => {
  const work = started();
  work.touch('core/Node', undefined, 'n', 100);
  expect(work.next(100)).toBe(900);
  work.touch('scheduling.k8s.io/PriorityClass', undefined, 'high', 100);
  expect(work.next(100)).toBe(100);
  work.touch('scheduling.k8s.io/PriorityClass', undefined, 'low', 190);
  expect(work.take(200, all)).toEqual(['a', 'b', 'c']);
});

test('a namespace that is gone is still taken up, so that what stood in it ends', () => {
  const work = started();
  work.touch('core/Namespace', undefined, 'gone', 990);
  expect(work.take(1_000, all)).toEqual(['a', 'b', 'c', 'gone']);
});
