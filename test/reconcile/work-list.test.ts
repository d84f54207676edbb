import { expect, test } from 'vitest';
import type { GroupKind } from '../../src/kubernetes/object.ts';
import { WorkList } from '../../src/reconcile/work-list.ts';

const options = { settle: 10, sweepEvery: 1_000, sweepSoon: 100 };
const all = (): readonly string[] => ['a', 'b', 'c'];
const nobody = (): readonly string[] => [];
const onlyB = (): readonly string[] => ['b'];

function started(): WorkList {
  const work = new WorkList(options, 0);
  expect(work.take(0, all, nobody)).toEqual(['a', 'b', 'c']);
  return work;
}

test('begins with everything, and takes up everything again after a while', () => {
  const work = started();
  expect(work.next(0)).toBe(1_000);
  expect(work.take(999, all, nobody)).toEqual([]);
  expect(work.take(1_000, all, nobody)).toEqual(['a', 'b', 'c']);
});

test('a namespace is due once, a moment after the first of many changes', () => {
  const work = started();
  for (let i = 0; i < 8; i += 1) work.touch('apps/Deployment', 'a', `web-${i}`, 100 + i);
  work.touch('core/Namespace', undefined, 'b', 105);
  expect(work.next(107)).toBe(3);
  expect(work.take(109, all, nobody)).toEqual([]);
  expect(work.take(110, all, nobody)).toEqual(['a']);
  expect(work.take(115, all, nobody)).toEqual(['b']);
  expect(work.take(999, all, nobody)).toEqual([]);
});

test('a later date does not put off an earlier one', () => {
  const work = started();
  work.at('a', 500);
  work.touch('apps/Deployment', 'a', 'web', 100);
  work.at('a', 600);
  expect(work.take(110, all, nobody)).toEqual(['a']);
});

test('what lies outside of namespaces is due with those who wait for its kind, and everything soon after', () => {
  const work = started();
  const asked: GroupKind[] = [];
  work.touch('scheduling.k8s.io/PriorityClass', undefined, 'high', 100);
  work.touch('scheduling.k8s.io/PriorityClass', undefined, 'low', 105);
  expect(work.next(100)).toBe(10);
  expect(
    work.take(110, all, (kind) => {
      asked.push(kind);
      return ['b'];
    }),
  ).toEqual([undefined, 'b']);
  expect(asked).toEqual(['scheduling.k8s.io/PriorityClass']);
  expect(work.take(199, all, onlyB)).toEqual([]);
  expect(work.take(200, all, onlyB)).toEqual(['a', 'b', 'c']);
});

test.each<GroupKind>(['core/Node', 'core/PersistentVolume'])(
  'a %s brings up nobody but those who wait for one',
  (kind) => {
    const work = started();
    work.touch(kind, undefined, 'one', 100);
    expect(work.take(110, all, onlyB)).toEqual(['b']);
    expect(work.next(110)).toBe(890);
  },
);

test('a namespace that is gone is still taken up, so that what stood in it ends', () => {
  const work = started();
  work.touch('core/Namespace', undefined, 'gone', 980);
  expect(work.take(1_000, all, nobody)).toEqual(['a', 'b', 'c', 'gone']);
});
