import { describe, expect, test } from 'vitest';
import { memoryLimit } from '../../../src/checks/compute/memory-limit.ts';
import { deployment, find, object, subject, world } from './compute-kit.ts';

const nothing = world('all', []);
const withContainer = (resources: unknown) => deployment(1, { containers: [{ name: 'app', resources }] });
const messages = (resources: unknown) =>
  find(memoryLimit, subject(withContainer(resources)), nothing).map(({ message }) => message);

describe('what counts as a limit', () => {
  test.each<[string, unknown, string[]]>([
    ['bytes as a number', { limits: { memory: 268435456 } }, []],
    ['a request alone', { requests: { memory: '1Gi' } }, ['container "app" has no memory limit']],
    ['null', { limits: { memory: null } }, ['container "app" has a memory limit of null, which means 0']],
    [
      'no quantity',
      { limits: { memory: '1 Gi' } },
      ['container "app" has the memory limit "1 Gi", which is no quantity'],
    ],
    ['an object', { limits: { memory: {} } }, ['container "app" has the memory limit {}, which is no quantity']],
  ])('%s', (_title, resources, expected) => {
    expect(messages(resources)).toEqual(expected);
  });
});

test.each([
  ['its request', { requests: { memory: '96Mi' } }, 'memory: 96Mi'],
  ['an example where it requests nothing', {}, 'memory: 256Mi'],
])('the fix proposes %s', (_title, resources, expected) => {
  const [finding] = find(memoryLimit, subject(withContainer(resources)), nothing);
  expect(finding?.fix).toContain(expected);
});

test('an injected container is mended where it is injected', () => {
  const pod = object('v1', 'Pod', 'checkout', { containers: [{ name: 'datadog-lib-java-init' }] });
  const [finding] = find(memoryLimit, subject(pod), nothing);
  expect(finding).toMatchObject({ atMost: 'Audit', fix: expect.stringContaining('platform') as string });
});
