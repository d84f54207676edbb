import { describe, expect, test } from 'vitest';
import { topologySpread } from '../../../src/checks/storage/topology-spread.ts';
import { mutate } from '../../../src/engine/mutate.ts';
import { valueAt } from '../../../src/kubernetes/json-pointer.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { create, policyOf, update } from '../../engine/engine-kit.ts';
import { configure, deployment, find, object, subject, world } from '../compute/compute-kit.ts';

const zone = 'topology.kubernetes.io/zone';
const constraint = (topologyKey: string, rest: object = {}) => ({
  maxSkew: 1,
  topologyKey,
  whenUnsatisfiable: 'ScheduleAnyway',
  labelSelector: { matchLabels: { app: 'checkout' } },
  ...rest,
});
const antiAffinity = (topologyKey: string, rest: object = {}) => ({
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey, labelSelector: { matchLabels: { app: 'checkout' } }, ...rest },
      ],
    },
  },
});
const nodes = (...zones: readonly string[]): readonly KubernetesObject[] =>
  zones.map((value, i) => object('v1', 'Node', `node-${i}`, {}, { namespace: undefined, labels: { [zone]: value } }));
const three = world('all', nodes('a', 'b', 'c'));

describe('in three zones', () => {
  const lacks = (podSpec: object, replicas = 3) =>
    find(topologySpread, subject(deployment(replicas, podSpec)), three).map(({ identity }) => identity);

  test.each([
    ['nothing', {}, ['zone+node']],
    ['a zone constraint', { topologySpreadConstraints: [constraint(zone)] }, []],
    ['a nil selector, which counts nobody', { topologySpreadConstraints: [{ topologyKey: zone }] }, ['zone+node']],
    ['a selector for everything', { topologySpreadConstraints: [constraint(zone, { labelSelector: {} })] }, []],
    ['anti-affinity in its own namespace', antiAffinity(zone, { namespaces: ['shop'] }), []],
    ['anti-affinity in all namespaces', antiAffinity(zone, { namespaceSelector: {} }), []],
    ['anti-affinity in another namespace', antiAffinity(zone, { namespaces: ['other'] }), ['zone+node']],
    ['anti-affinity on nodes', antiAffinity('kubernetes.io/hostname'), ['zone']],
    ['a required zone', { nodeSelector: { [zone]: 'a' } }, []],
    ['two required zones', { affinity: inZones(['a', 'b']) }, ['zone+node']],
    ['two alternatives of the same zone', { affinity: inZones(['a'], ['a']) }, []],
  ])('%s', (_, podSpec, expected) => {
    // Each of the three zones has one node, so those that are for one zone have one node too.
    expect(lacks(podSpec)).toEqual(expected);
  });

  test('a zone for each replica is a node for each', () => {
    expect(lacks({ topologySpreadConstraints: [constraint(zone)] }, 4)).toEqual(['node']);
  });
});

test('a constraint on other pods is left alone where another one counts its own', () => {
  const others = constraint(zone, { labelSelector: { matchLabels: { app: 'cart' } } });
  const own = constraint(zone, { whenUnsatisfiable: 'DoNotSchedule' });
  const one = deployment(6, { topologySpreadConstraints: [others, own] });
  expect(find(topologySpread, subject(one), three)[0]?.fix).toContain('topologyKey: kubernetes.io/hostname');
});

test('without the Nodes, pods on different nodes may need more', () => {
  const one = subject(deployment(3, antiAffinity('kubernetes.io/hostname')));
  const check = configure(topologySpread);
  expect(check.unknown(one, world('some', []))).toBe('core/Node');
  expect(check.unknown(one, three)).toBeUndefined();
  expect(check.unknown(subject(deployment(1)), world('some', []))).toBeUndefined();
});

describe('the patch', () => {
  const policy = policyOf(topologySpread, { patch: true, action: 'Warn' });
  const constraints = (of: KubernetesObject) => valueAt(of, '/spec/template/spec/topologySpreadConstraints');

  test('leaves a template alone whose author placed its pods in any way', () => {
    for (const podSpec of [antiAffinity('example.com/rack'), { topologySpreadConstraints: [constraint('rack')] }])
      expect(configure(topologySpread).patch(subject(deployment(3, podSpec)), three)).toEqual([]);
  });

  test('does not count by revision where the selector asks for the revision', () => {
    const selector = { matchLabels: { app: 'checkout', 'pod-template-hash': 'x' } };
    const spec = {
      replicas: 3,
      selector,
      template: { metadata: { labels: selector.matchLabels }, spec: { containers: [] } },
    };
    const { object: patched } = mutate(create(object('apps/v1', 'Deployment', 'checkout', spec)), policy, three);
    expect(constraints(patched)).toHaveLength(2);
    expect(JSON.stringify(constraints(patched))).not.toContain('matchLabelKeys');
  });

  test('starts no rollout when only an annotation is edited', () => {
    const before = deployment(3, { containers: [] });
    const after = { ...before, metadata: { ...before.metadata, annotations: { note: 'edited' } } };
    const { operations, withheld } = mutate(update(before, after), policy, three);
    expect(operations).toEqual([]);
    expect(withheld.map(({ check }) => check)).toEqual(['storage/topology-spread']);
  });

  test('comes along when the template is changed anyway', () => {
    const before = deployment(3, { containers: [] });
    const after = deployment(3, { containers: [{ name: 'app', image: 'registry.example/checkout:2.0' }] });
    expect(constraints(mutate(update(before, after), policy, three).object)).toHaveLength(2);
  });
});

function inZones(...alternatives: readonly (readonly string[])[]): object {
  const nodeSelectorTerms = alternatives.map((values) => ({
    matchExpressions: [{ key: zone, operator: 'In', values }],
  }));
  return { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } };
}
