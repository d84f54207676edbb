import { expect, test } from 'vitest';
import { rollingUpdateOf } from '../../src/kubernetes/rolling-update.ts';

test.each<[object | undefined, number, object | undefined]>([
  [undefined, 1, { surge: 1, unavailable: 0 }],
  [undefined, 4, { surge: 1, unavailable: 1 }],
  [undefined, 10, { surge: 3, unavailable: 2 }],
  [{ type: 'RollingUpdate' }, 3, { surge: 1, unavailable: 0 }],
  [{ rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } }, 3, { surge: 0, unavailable: 1 }],
  [{ rollingUpdate: { maxSurge: 0 } }, 1, { surge: 0, unavailable: 1 }],
  [{ rollingUpdate: { maxSurge: '10%', maxUnavailable: '100%' } }, 1, { surge: 1, unavailable: 1 }],
  [{ rollingUpdate: { maxSurge: '1' } }, 1, undefined],
  [{ type: 'Recreate' }, 3, undefined],
])('%j of %i replicas', (strategy, replicas, expected) => {
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'checkout' }, spec: { strategy } };
  expect(rollingUpdateOf(deployment, replicas)).toEqual(expected);
});
