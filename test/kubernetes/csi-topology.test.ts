import { describe, expect, test } from 'vitest';
import type { Knowledge } from '../../src/kubernetes/cluster-view.ts';
import { allowedZones, volumeTopology, zonesOf } from '../../src/kubernetes/csi-topology.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { ObjectIndex } from '../../src/kubernetes/object-index.ts';

const storageClass = (provisioner: string, rest: object = {}): KubernetesObject => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'one' },
  provisioner,
  ...rest,
});
const csiNode = (name: string, driver: string, topologyKeys: unknown): KubernetesObject => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSINode',
  metadata: { name },
  spec: { drivers: [{ name: driver, nodeID: name, topologyKeys }] },
});
const node = (name: string, labels: Record<string, string>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels },
});
const world = (knowledge: Knowledge, ...objects: KubernetesObject[]): ObjectIndex => {
  const index = new ObjectIndex(knowledge);
  for (const object of objects) index.put(object);
  return index;
};

describe('volumeTopology by name', () => {
  test.each([
    ['ebs.csi.aws.com', 'zone'],
    ['ebs.csi.eks.amazonaws.com', 'zone'],
    ['kubernetes.io/aws-ebs', 'zone'],
    ['pd.csi.storage.gke.io', 'zone'],
    ['kubernetes.io/gce-pd', 'zone'],
    ['disk.csi.azure.com', 'zone'],
    ['kubernetes.io/azure-disk', 'zone'],
    ['cinder.csi.openstack.org', 'zone'],
    ['diskplugin.csi.alibabacloud.com', 'zone'],
    ['com.tencent.cloud.csi.cbs', 'zone'],
    ['blockvolume.csi.oraclecloud.com', 'zone'],
    ['vpc.block.csi.ibm.io', 'zone'],
    ['csi.hetzner.cloud', 'zone'],
    ['linodebs.csi.linode.com', 'zone'],
    ['kubernetes.io/no-provisioner', 'node'],
    ['topolvm.io', 'node'],
    ['local.csi.openebs.io', 'node'],
    ['openebs.io/local', 'node'],
    ['rancher.io/local-path', 'node'],
    ['hostpath.csi.k8s.io', 'node'],
    ['efs.csi.aws.com', 'cluster'],
    ['fsx.csi.aws.com', 'cluster'],
    ['filestore.csi.storage.gke.io', 'cluster'],
    ['blob.csi.azure.com', 'cluster'],
    ['nfs.csi.k8s.io', 'cluster'],
    ['cluster.local/nfs-client-provisioner', 'cluster'],
    ['cluster.local/shop-nfs-subdir-external-provisioner', 'cluster'],
    ['rook-ceph.cephfs.csi.ceph.com', 'cluster'],
    ['openshift-storage.rbd.csi.ceph.com', 'cluster'],
    ['driver.longhorn.io', 'cluster'],
    ['csi.vsphere.vmware.com', 'cluster'],
    ['block.csi.example.com', 'unknown'],
    ['constructor', 'unknown'],
  ])('%s reaches one %s', (provisioner, reach) => {
    expect(volumeTopology(storageClass(provisioner), world('all'))).toEqual({ reach, hint: undefined });
  });

  test.each([
    ['disk.csi.azure.com', { skuName: 'Premium_ZRS' }, 'cluster'],
    ['disk.csi.azure.com', { StorageAccountType: 'standardssd_zrs' }, 'cluster'],
    ['disk.csi.azure.com', { skuName: 'Premium_LRS' }, 'zone'],
    ['ebs.csi.aws.com', { skuName: 'Premium_ZRS' }, 'zone'],
    ['rook-ceph.rbd.csi.ceph.com', { topologyConstrainedPools: '[]' }, 'zone'],
  ])('%s with %j reaches one %s', (provisioner, parameters, reach) => {
    expect(volumeTopology(storageClass(provisioner, { parameters }), world('all')).reach).toBe(reach);
  });
});

describe('volumeTopology by evidence', () => {
  const driver = 'cinder.csi.openstack.org';

  test('a driver whose nodes publish nothing is tied to nothing, if all nodes are known', () => {
    const silent = [csiNode('a', driver, undefined), csiNode('b', driver, null)];
    expect(volumeTopology(storageClass(driver), world('all', ...silent)).reach).toBe('cluster');
    expect(volumeTopology(storageClass(driver), world('some', ...silent)).reach).toBe('zone');
  });

  test('one node that publishes is enough', () => {
    const nodes = [csiNode('a', driver, []), csiNode('b', driver, ['topology.cinder.csi.openstack.org/zone'])];
    expect(volumeTopology(storageClass(driver), world('all', ...nodes)).reach).toBe('zone');
  });

  test('a network file system stays reachable whatever it publishes', () => {
    const nodes = [csiNode('a', 'filestore.csi.storage.gke.io', ['topology.gke.io/zone'])];
    expect(volumeTopology(storageClass('filestore.csi.storage.gke.io'), world('all', ...nodes)).reach).toBe('cluster');
  });

  test('an unknown driver gets a hint, not a verdict', () => {
    const nodes = [
      csiNode('a', 'x.example', ['x.example/rack']),
      csiNode('b', 'other.example', ['other.example/zone']),
    ];
    const found = volumeTopology(storageClass('x.example'), world('all', ...nodes));
    expect(found).toEqual({ reach: 'unknown', hint: expect.stringContaining('x.example/rack') as string });
  });
});

describe('zonesOf', () => {
  const zones = (provisioner: string, ...labels: Record<string, string>[]): readonly string[] => {
    const nodes = labels.map((one, index) => node(`node-${index}`, one));
    return [...zonesOf(storageClass(provisioner), world('all', ...nodes))].sort();
  };

  test('reads the usual label, the former one, and skips nodes without a zone', () => {
    const found = zones(
      'ebs.csi.aws.com',
      { 'topology.kubernetes.io/zone': 'a' },
      { 'failure-domain.beta.kubernetes.io/zone': 'b' },
      {},
    );
    expect(found).toEqual(['a', 'b']);
  });

  test("prefers the driver's own label, even an empty one", () => {
    const azure = (zone: string, own: string) => ({
      'topology.kubernetes.io/zone': zone,
      'topology.disk.csi.azure.com/zone': own,
    });
    expect(zones('disk.csi.azure.com', azure('0', ''), azure('1', ''))).toEqual(['']);
    expect(zones('ebs.csi.aws.com', azure('0', ''), azure('1', ''))).toEqual(['0', '1']);
  });
});

describe('allowedZones', () => {
  const term = (...expressions: [key: string, ...values: string[]][]) => ({
    matchLabelExpressions: expressions.map(([key, ...values]) => ({ key, values })),
  });

  test.each([
    ['none', undefined, undefined],
    ['an empty list', [], undefined],
    ['one zone', [term(['topology.kubernetes.io/zone', 'a'])], ['a']],
    ["one zone by the driver's own label", [term(['topology.gke.io/zone', 'a'])], ['a']],
    [
      'one zone and a region',
      [term(['topology.kubernetes.io/zone', 'a'], ['topology.kubernetes.io/region', 'r'])],
      ['a'],
    ],
    ['two values', [term(['topology.gke.io/zone', 'a', 'b'])], ['a', 'b']],
    ['two alternatives', [term(['topology.gke.io/zone', 'a']), term(['topology.gke.io/zone', 'b'])], ['a', 'b']],
    ['an alternative without a zone', [term(['topology.gke.io/zone', 'a']), term()], undefined],
    ['a region only', [term(['topology.kubernetes.io/region', 'r'])], undefined],
    ["another driver's label", [term(['topology.ebs.csi.aws.com/zone', 'a'])], undefined],
  ])('%s', (_, allowedTopologies, expected) => {
    const zones = allowedZones(storageClass('pd.csi.storage.gke.io', { allowedTopologies }));
    expect(zones && [...zones].sort()).toEqual(expected);
  });
});
