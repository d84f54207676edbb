import { expect, test } from 'vitest';
import { topologySpreadValid } from '../../../src/checks/storage/topology-spread-valid.ts';
import { deployment, find, object, subject, world } from '../compute/compute-kit.ts';

const key = 'kubernetes.io/hostname';
const node = (name: string, spec: object = {}) =>
  object('v1', 'Node', name, spec, { namespace: undefined, labels: { [key]: name } });
const tainted = { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] };
const view = world('all', [node('a'), node('b'), node('control-plane', tainted)]);
const constraint = {
  maxSkew: 1,
  topologyKey: key,
  whenUnsatisfiable: 'DoNotSchedule',
  labelSelector: { matchLabels: { app: 'checkout' } },
};

test.each([
  ['as many, with one more in a rollout', 2, undefined, {}, true],
  ['as many, which all end first', 2, { type: 'Recreate' }, {}, false],
  ['as many, with no more in a rollout', 2, { rollingUpdate: { maxSurge: 0 } }, {}, false],
  ['as many, each revision counted by itself', 2, undefined, { matchLabelKeys: ['pod-template-hash'] }, false],
  ['one more', 3, { type: 'Recreate' }, {}, true],
])('pods on two nodes beside an empty one: %s', (_, replicas, strategy, more, isHeld) => {
  const one = deployment(replicas, { topologySpreadConstraints: [{ ...constraint, ...more }] });
  const of = { ...one, spec: { ...(one['spec'] as object), strategy } };
  const identities = find(topologySpreadValid, subject(of), view).map(({ identity }) => identity);
  expect(identities.includes(`spread/${key}/DoNotSchedule/taints`)).toBe(isHeld);
});
