import { describe, expect, test } from 'vitest';
import { pdbSelector } from '../../../src/checks/compute/pdb-selector.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { budget, find, object, subject, world } from './compute-kit.ts';

const template = { metadata: { labels: { app: 'checkout' } }, spec: {} };

describe('a budget selects something', () => {
  const controller = object('v1', 'ReplicationController', 'checkout', { replicas: 3, template });

  test.each<[string, KubernetesObject, KubernetesObject[], boolean]>([
    ['of nothing', budget({}), [], false],
    ['of a ReplicationController', budget({}), [controller], true],
    ['of what its controller has counted', { ...budget({}), status: { expectedPods: 3 } }, [], true],
    ['of what its controller has not found', { ...budget({}), status: { expectedPods: 0 } }, [], false],
  ])('%s', (_title, one, objects, selects) => {
    const findings = find(pdbSelector, subject(one, { source: 'live', user: undefined }), world('all', objects));
    expect(findings.some(({ identity }) => identity === 'selects-nothing')).toBe(!selects);
  });
});
