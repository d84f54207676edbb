import { expect, test } from 'vitest';
import { demandedZones } from '../../src/kubernetes/demanded-zones.ts';
import { nodeDemands } from '../../src/kubernetes/node-affinity.ts';
import { ObjectIndex } from '../../src/kubernetes/object-index.ts';

const zone = 'topology.kubernetes.io/zone';
const own = 'csi.hetzner.cloud/location';
const view = new ObjectIndex('all');
for (const [name, labels] of Object.entries({
  a: { [zone]: 'fsn1-dc14', [own]: 'fsn1' },
  b: { [zone]: 'fsn1-dc8', [own]: 'fsn1' },
  c: { [zone]: 'nbg1-dc3', [own]: 'nbg1' },
}))
  view.put({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels } });

const inValues = (key: string, ...values: readonly string[]) => ({ key, operator: 'In', values });
const terms = (...alternatives: readonly (readonly object[])[]) => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: alternatives.map((matchExpressions) => ({ matchExpressions })),
      },
    },
  },
});

test.each([
  ['nothing is demanded', {}, undefined],
  ['a selector', { nodeSelector: { [zone]: 'x' } }, ['x']],
  ['the former label', { nodeSelector: { 'failure-domain.beta.kubernetes.io/zone': 'x' } }, ['x']],
  ['alternatives add up', terms([inValues(zone, 'x')], [inValues(zone, 'y')]), ['x', 'y']],
  ['an alternative without a zone opens all', terms([inValues(zone, 'x')], [inValues('disk', 'ssd')]), undefined],
  ['requirements narrow down', terms([inValues(zone, 'x', 'y'), inValues(zone, 'y', 'z')]), ['y']],
  ['NotIn names no zone', terms([{ key: zone, operator: 'NotIn', values: ['x'] }]), undefined],
  ["a driver's own label", terms([inValues(own, 'fsn1')]), ['fsn1-dc14', 'fsn1-dc8']],
  ['a label that no Node translates', terms([inValues(own, 'hel1')]), undefined],
  ['one of two that no Node translates', terms([inValues(own, 'fsn1', 'hel1')]), undefined],
  ['no alternative that could hold', terms([]), undefined],
])('%s', (_, spec, expected) => {
  const zones = demandedZones(nodeDemands(spec), view);
  expect(zones && [...zones].toSorted()).toEqual(expected);
});
