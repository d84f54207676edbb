import { expect, test } from 'vitest';
import { volumeTopologyConflict } from '../../../src/checks/storage/volume-topology-conflict.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { deployment, find, object, subject, world } from '../compute/compute-kit.ts';

const zone = 'topology.kubernetes.io/zone';
const former = 'failure-domain.beta.kubernetes.io/zone';
const inZone = (key: string, value: string) => ({ key, operator: 'In', values: [value] });
const required = (...matchExpressions: readonly object[]) => ({ nodeSelectorTerms: [{ matchExpressions }] });
const affinity = (...expressions: readonly object[]) => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required(...expressions) } },
});
const volume = (name: string, value: string): KubernetesObject => ({
  ...object('v1', 'PersistentVolume', name, { nodeAffinity: { required: required(inZone(zone, value)) } }),
  metadata: { name },
});
const claim = (name: string, volumeName: string): KubernetesObject =>
  object('v1', 'PersistentVolumeClaim', name, { volumeName });

const byItself = 'each volume brings its pod to its zone by itself';
const inSelector = `${zone} from nodeSelector`;
const inAffinity = `${zone} from the required nodeAffinity`;
const nameIt = 'or name the zone of the volume there';

test.each([
  ['nodeSelector', { nodeSelector: { [zone]: 'b' } }, `Remove ${inSelector}, ${nameIt}:\nnodeSelector: {${zone}: a}`],
  [
    'affinity, beside a selector for something else',
    { nodeSelector: { 'kubernetes.io/os': 'linux' }, ...affinity(inZone(zone, 'b')) },
    `Remove ${inAffinity}, ${nameIt}:\n- {key: ${zone}, operator: In, values: [a]}`,
  ],
  [
    'both, which exclude one another',
    { nodeSelector: { [zone]: 'a' }, ...affinity(inZone(zone, 'b')) },
    `Remove ${inSelector} and ${inAffinity}: ${byItself}`,
  ],
  ['the former label', { nodeSelector: { [former]: 'b' } }, `Remove ${former} from nodeSelector: ${byItself}`],
])('pods that are held in another zone by %s', (_, podSpec, fix) => {
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
  const view = world('all', [claim('data', 'pv-1'), volume('pv-1', 'a')]);
  const found = find(volumeTopologyConflict, subject(deployment(1, { volumes, ...podSpec })), view);
  expect(found.map((one) => one.fix)).toEqual([fix]);
});

test('pods with volumes of their own are not to be held in the zone of one of them', () => {
  const set = object('apps/v1', 'StatefulSet', 'db', {
    replicas: 2,
    volumeClaimTemplates: [{ metadata: { name: 'data' } }],
    template: { spec: { nodeSelector: { [zone]: 'b' } } },
  });
  const view = world('all', [
    claim('data-db-0', 'pv-0'),
    claim('data-db-1', 'pv-1'),
    volume('pv-0', 'a'),
    volume('pv-1', 'b'),
  ]);
  expect(find(volumeTopologyConflict, subject(set), view).map(({ identity, fix }) => [identity, fix])).toEqual([
    ['claim/data-db-0', `Remove ${inSelector}: ${byItself}`],
  ]);
});
