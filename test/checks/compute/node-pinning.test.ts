import { describe, expect, test } from 'vitest';
import { nodePinning } from '../../../src/checks/compute/node-pinning.ts';
import type { CheckSubject } from '../../../src/checks/check.ts';
import type { Knowledge } from '../../../src/kubernetes/cluster-view.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { configure, deployment, find, object, subject, world } from './compute-kit.ts';

const node = (name: string, labels: Record<string, string>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
});
const nodes = [
  node('a', { 'topology.kubernetes.io/zone': 'eu-1a' }),
  node('b', { 'topology.kubernetes.io/zone': 'eu-1b' }),
];

const identities = (one: KubernetesObject, tweak: Partial<CheckSubject> = {}, ...objects: KubernetesObject[]) =>
  find(nodePinning, subject(one, tweak), world('all', [...nodes, ...objects])).map(({ identity }) => identity);

const pod = (name: string, labels: Record<string, string> = {}): KubernetesObject =>
  object('v1', 'Pod', name, { nodeName: 'a' }, { labels });

test.each<[string, KubernetesObject, Partial<CheckSubject>, string[]]>([
  ['a Pod that names its node', pod('checkout'), {}, ['nodeName']],
  ['a Pod that the scheduler has placed', pod('checkout'), { source: 'live' }, []],
  ['a Pod of kubectl debug', pod('debug', { 'app.kubernetes.io/managed-by': 'kubectl-debug' }), {}, []],
  ['an empty name', deployment(2, { nodeName: '' }), {}, []],
  [
    'a node that is gone',
    deployment(2, { nodeSelector: { 'kubernetes.io/hostname': 'c' } }),
    {},
    ['hostname', 'no-node'],
  ],
  [
    'the zone by its label of a driver',
    deployment(2, { nodeSelector: { 'topology.gke.io/zone': 'eu-1a' } }),
    {},
    ['zone', 'no-node'],
  ],
])('%s', (_case, one, tweak, expected) => {
  expect(identities(one, tweak)).toEqual(expected);
});

test('nodes of a pool that an autoscaler of the cloud may fill are nobody’s business', () => {
  const pooled = node('c', { 'cloud.google.com/gke-nodepool': 'general' });
  const asking = deployment(2, { nodeSelector: { disk: 'ssd' } });
  expect(identities(asking)).toEqual(['no-node']);
  expect(identities(asking, {}, pooled)).toEqual([]);
});

test.each<[string, object, RegExp]>([
  ['a label that people give', { disk: 'sdd' }, /\nkubectl label node <node> disk=sdd$/],
  ['the one that no node has', { 'kubernetes.io/hostname': 'a', disk: 'sdd' }, /<node> disk=sdd$/],
  ['a machine', { 'node.kubernetes.io/instance-type': 'c6i.large' }, /^Correct what is demanded .* meet it$/],
  ['a place', { 'topology.gke.io/zone': 'eu-1z' }, /^Correct what is demanded .* meet it$/],
])('what to do about a demand that no node meets: %s', (_case, nodeSelector, expected) => {
  const found = find(nodePinning, subject(deployment(2, { nodeSelector })), world('all', nodes));
  expect(found.find(({ identity }) => identity === 'no-node')?.fix).toMatch(expected);
});

test('constraints that are there already are appended to', () => {
  const spec = { nodeSelector: { 'topology.kubernetes.io/zone': 'eu-1a' }, topologySpreadConstraints: [{}] };
  const [finding] = find(nodePinning, subject(deployment(2, spec)), world('all', nodes));
  expect(finding?.fix).toMatch(
    /^Remove .* from nodeSelector, and append to topologySpreadConstraints:\n  - maxSkew: 1\n/,
  );
});

describe('what must be known', () => {
  const claimed = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] };

  test.each<[string, object, Knowledge, string | undefined]>([
    ['no selector', {}, 'none', undefined],
    ['a label of nodes that are not seen', { nodeSelector: { disk: 'ssd' } }, 'some', 'core/Node'],
    [
      'the claim of a pinned workload',
      { nodeName: '', nodeSelector: { 'kubernetes.io/hostname': 'a' }, ...claimed },
      'all',
      'core/PersistentVolumeClaim',
    ],
    ['nothing more', { nodeSelector: { 'topology.kubernetes.io/zone': 'eu-1a' } }, 'all', undefined],
  ])('%s', (_case, podSpec, knowledge, expected) => {
    const view = world(knowledge, nodes);
    expect(configure(nodePinning).unknown(subject(deployment(2, podSpec)), view)).toBe(expected);
  });
});
