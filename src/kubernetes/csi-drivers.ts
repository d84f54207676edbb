/** From how much of a cluster a volume can be used once it exists. */
export type Reach = 'zone' | 'node' | 'cluster';

/** What is known of a provisioner by its name. */
export interface CsiDriver {
  readonly reach: Reach;
  /** The node label that names the driver's zones, where it is not the usual one: the two may cut a cluster differently. */
  readonly zoneKey?: string;
  /** Its volumes are bound to a place only where its nodes publish topology keys; elsewhere they reach the whole cluster. */
  readonly ifPublished?: true;
  /** A file system of the network: mounted and never attached, so any number of nodes may use a volume at the same time. */
  readonly files?: true;
  /** A disk that reaches the whole cluster, and one node at a time. */
  readonly disk?: true;
  /** It cannot make snapshots. */
  readonly lacksSnapshots?: true;
}

/** @returns undefined for a driver that nobody has told us about */
export function csiDriver(provisioner: string): CsiDriver | undefined {
  const known = drivers.get(provisioner);
  if (known !== undefined) return known;
  if (fileSystems.test(provisioner)) return { reach: 'cluster', files: true };
  return cephDisks.test(provisioner) ? { reach: 'cluster', disk: true } : undefined;
}

/** Names that an installation chooses in part: a Ceph cluster's namespace, a Helm release. */
const fileSystems = /(^|\.)cephfs\.csi\.ceph\.com$|^cluster\.local\/(.*-)?nfs-/;
const cephDisks = /(^|\.)rbd\.csi\.ceph\.com$/;

const azureZone = 'topology.disk.csi.azure.com/zone';
const ebsZone = 'topology.ebs.csi.aws.com/zone';
const pdZone = 'topology.gke.io/zone';

/**
 * Sources: each driver's README, its NodeGetInfo and the classes that its cloud ships. Network file systems count as
 * cluster-wide even where they publish a zone (FSx, Filestore): it is where the server stands, not who may mount it.
 */
const drivers: ReadonlyMap<string, CsiDriver> = new Map<string, CsiDriver>([
  ['ebs.csi.aws.com', { reach: 'zone', zoneKey: ebsZone }],
  ['ebs.csi.eks.amazonaws.com', { reach: 'zone' }],
  ['kubernetes.io/aws-ebs', { reach: 'zone', zoneKey: ebsZone }],
  // A regional disk lives in two zones, which are chosen just as early: it waits for the pod like any other.
  ['pd.csi.storage.gke.io', { reach: 'zone', zoneKey: pdZone }],
  ['kubernetes.io/gce-pd', { reach: 'zone', zoneKey: pdZone }],
  // In a region without zones the usual label counts fault domains, and this one is empty: no zone to miss there.
  ['disk.csi.azure.com', { reach: 'zone', zoneKey: azureZone }],
  ['kubernetes.io/azure-disk', { reach: 'zone', zoneKey: azureZone }],
  ['cinder.csi.openstack.org', { reach: 'zone', zoneKey: 'topology.cinder.csi.openstack.org/zone' }],
  ['kubernetes.io/cinder', { reach: 'zone', zoneKey: 'topology.cinder.csi.openstack.org/zone' }],
  ['csi.vsphere.vmware.com', { reach: 'zone', zoneKey: 'topology.csi.vmware.com/k8s-zone', ifPublished: true }],
  ['diskplugin.csi.alibabacloud.com', { reach: 'zone', zoneKey: 'topology.diskplugin.csi.alibabacloud.com/zone' }],
  ['com.tencent.cloud.csi.cbs', { reach: 'zone', zoneKey: 'topology.com.tencent.cloud.csi.cbs/zone' }],
  ['blockvolume.csi.oraclecloud.com', { reach: 'zone' }],
  ['vpc.block.csi.ibm.io', { reach: 'zone' }],
  ['block.csi.ibm.io', { reach: 'zone', ifPublished: true }],
  // Two data centres of one location share volumes, and the usual label tells them apart.
  ['csi.hetzner.cloud', { reach: 'zone', zoneKey: 'csi.hetzner.cloud/location', lacksSnapshots: true }],
  ['linodebs.csi.linode.com', { reach: 'zone', zoneKey: 'topology.linode.com/region', lacksSnapshots: true }],

  ['kubernetes.io/no-provisioner', { reach: 'node' }],
  ['topolvm.io', { reach: 'node' }],
  ['topolvm.cybozu.com', { reach: 'node' }],
  ['local.csi.openebs.io', { reach: 'node' }],
  ['zfs.csi.openebs.io', { reach: 'node' }],
  ['openebs.io/local', { reach: 'node' }],
  ['rancher.io/local-path', { reach: 'node' }],
  ['hostpath.csi.k8s.io', { reach: 'node' }],

  ['efs.csi.aws.com', { reach: 'cluster', files: true }],
  ['s3.csi.aws.com', { reach: 'cluster', files: true }],
  ['fsx.csi.aws.com', { reach: 'cluster', files: true }],
  ['fsx.openzfs.csi.aws.com', { reach: 'cluster', files: true }],
  ['filestore.csi.storage.gke.io', { reach: 'cluster', files: true }],
  ['gcsfuse.csi.storage.gke.io', { reach: 'cluster', files: true }],
  ['lustre.csi.storage.gke.io', { reach: 'cluster', files: true }],
  ['file.csi.azure.com', { reach: 'cluster', files: true }],
  ['blob.csi.azure.com', { reach: 'cluster', files: true }],
  ['kubernetes.io/azure-file', { reach: 'cluster', files: true }],
  ['nasplugin.csi.alibabacloud.com', { reach: 'cluster', files: true }],
  ['com.tencent.cloud.csi.cfs', { reach: 'cluster', files: true }],
  ['nfs.manila.csi.openstack.org', { reach: 'cluster', files: true }],
  ['cephfs.manila.csi.openstack.org', { reach: 'cluster', files: true }],
  ['nfs.csi.k8s.io', { reach: 'cluster', files: true }],
  ['smb.csi.k8s.io', { reach: 'cluster', files: true }],
  ['driver.longhorn.io', { reach: 'cluster' }],
  ['pxd.portworx.com', { reach: 'cluster' }],
  ['kubernetes.io/portworx-volume', { reach: 'cluster' }],
  ['kubernetes.io/glusterfs', { reach: 'cluster', files: true }],
  ['csi.juicefs.com', { reach: 'cluster', files: true }],
  ['csi.weka.io', { reach: 'cluster', files: true }],
  ['beegfs.csi.netapp.com', { reach: 'cluster', files: true }],
  // One data centre a cluster.
  ['dobs.csi.digitalocean.com', { reach: 'cluster', disk: true }],
]);

/** The node labels by which drivers tell zones apart in their own way. */
export const driverZoneKeys: ReadonlySet<string> = new Set(
  [...drivers.values()].map(({ zoneKey }) => zoneKey).filter((key) => key !== undefined),
);
