import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { csiDriver } from '../../kubernetes/csi-drivers.ts';
import { provisionerOf } from '../../kubernetes/csi-topology.ts';
import { at, fields, text } from '../../kubernetes/fields.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { parseQuantity } from '../../kubernetes/quantity.ts';
import { isHandMade } from '../../kubernetes/storage-class.ts';
import type { CheckSubject, Finding } from '../check.ts';
import type { ClaimRequest } from './claim-requests.ts';
import { hasVolume } from './free-volumes.ts';

/** What a claim asks of a driver that cannot give it, by the class that it names. */
export function* driverLimits(
  request: ClaimRequest,
  storageClass: KubernetesObject,
  subject: CheckSubject,
  view: ClusterView,
): Iterable<Finding> {
  yield* sharedDisk(request, storageClass);
  if (isReadOnlyFromScratch(request, storageClass) && !hasVolume(request, subject, view))
    yield describeReadOnly(request);
  yield* belowMinimum(request, storageClass);
}

/** A disk holds one file system, which only one node at a time can mount; as raw devices some can be shared. */
function* sharedDisk(
  { claim, identity, pointer, noun }: ClaimRequest,
  storageClass: KubernetesObject,
): Iterable<Finding> {
  if (!claim.accessModes.includes('ReadWriteMany')) return;
  const driver = provisionerOf(storageClass);
  const place = { identity: `${identity}/access-modes`, path: `${pointer}/accessModes`, atMost: 'Warn' } as const;
  if (!claim.isBlock && makesDisks(storageClass)) {
    yield {
      ...place,
      message: `${noun} asks ${driver} for ReadWriteMany on a file system, which no disk offers`,
      why: 'the claim stays Pending, or its pods fail to mount the volume on a second node',
      fix: 'Ask for one node, or name a class of a network file system (EFS, Filestore, Azure Files, NFS, CephFS):\naccessModes: [ReadWriteOnce]',
    };
  }
  const type = text(at(storageClass, 'parameters', 'type')) ?? 'gp3';
  if (claim.isBlock && (driver === ebsDriver || driver === autoModeDriver) && type !== 'io2') {
    yield {
      ...place,
      message: `${noun} asks for ReadWriteMany, and an EBS ${type} disk attaches to one node`,
      why: 'the second node that wants the disk never gets it; the driver makes only io2 disks for several',
      fix: 'Name a class with type: io2, or ask for one node:\naccessModes: [ReadWriteOnce]',
    };
  }
}

const ebsDriver = 'ebs.csi.aws.com';
/** The same disks, in EKS Auto Mode. */
const autoModeDriver = 'ebs.csi.eks.amazonaws.com';

/** vSphere has file volumes besides its disks, and the driver for tests takes any mode. */
const mayShare: ReadonlySet<string> = new Set(['csi.vsphere.vmware.com', 'hostpath.csi.k8s.io']);

/** A volume made by hand may be a share. */
function makesDisks(storageClass: KubernetesObject): boolean {
  const provisioner = provisionerOf(storageClass);
  if (isHandMade(storageClass) || mayShare.has(provisioner)) return false;
  const driver = csiDriver(provisioner);
  return driver !== undefined && (driver.reach !== 'cluster' || driver.disk === true);
}

/** Of a share others may write to the same files. */
function isReadOnlyFromScratch({ claim }: ClaimRequest, storageClass: KubernetesObject): boolean {
  const isReadOnly = claim.accessModes.length > 0 && claim.accessModes.every((mode) => mode === 'ReadOnlyMany');
  const { dataSource, dataSourceRef } = claim.spec;
  if (!isReadOnly || (dataSource ?? dataSourceRef ?? undefined) !== undefined) return false;
  return !isHandMade(storageClass) && csiDriver(provisionerOf(storageClass))?.files !== true;
}

function describeReadOnly({ identity, pointer, noun }: ClaimRequest): Finding {
  return {
    identity: `${identity}/read-only`,
    path: `${pointer}/accessModes`,
    message: `${noun} asks for a new volume that is ReadOnlyMany`,
    why: 'a volume without a source is empty, and nobody may ever write to it',
    fix: 'Say what to copy, a snapshot or another claim, or ask for a mode that can write:\ndataSource: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: <name>}',
    atMost: 'Warn',
  };
}

function* belowMinimum(
  { claim, identity, pointer, noun }: ClaimRequest,
  storageClass: KubernetesObject,
): Iterable<Finding> {
  const least = minimumOf(storageClass);
  const asked = at(claim.spec, 'resources', 'requests', 'storage') as string | number | undefined;
  const [size, floor] = [parseQuantity(asked), parseQuantity(least)];
  if (least === undefined || asked === undefined || size === undefined || floor === undefined || size >= floor) return;
  yield {
    identity: `${identity}/size`,
    path: `${pointer}/resources/requests/storage`,
    message: `${noun} asks for ${String(asked).slice(0, 24)}, and the smallest volume of its class has ${least}`,
    why: 'the driver refuses it or makes, and bills, the larger one',
    fix: `Ask for what there is:\nresources: {requests: {storage: ${least}}}`,
    atMost: 'Audit',
    severity: 'info',
  };
}

/** Sources: the size tables of EBS, Filestore and FSx for Lustre. */
function minimumOf(storageClass: KubernetesObject): string | undefined {
  const { type, tier = 'standard', multishare } = fields(storageClass['parameters']);
  switch (provisionerOf(storageClass)) {
    case ebsDriver:
    case autoModeDriver:
      return type === 'st1' || type === 'sc1' ? '125Gi' : undefined;
    case 'filestore.csi.storage.gke.io':
      if (multishare === 'true') return '100Gi';
      return ['premium', 'basic_ssd'].includes(String(tier).toLowerCase()) ? '2560Gi' : '1Ti';
    case 'fsx.csi.aws.com':
      return '1200Gi';
    default:
      return undefined;
  }
}
