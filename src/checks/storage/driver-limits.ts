import { csiDriver } from '../../kubernetes/csi-drivers.ts';
import { provisionerOf } from '../../kubernetes/csi-topology.ts';
import { at, fields, text } from '../../kubernetes/fields.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { parseQuantity } from '../../kubernetes/quantity.ts';
import type { Finding } from '../check.ts';
import type { ClaimRequest } from './claim-requests.ts';

/** What a claim asks of a driver that cannot give it, by the class that it names. */
export function* driverLimits(request: ClaimRequest, storageClass: KubernetesObject): Iterable<Finding> {
  yield* sharedDisk(request, storageClass);
  yield* readOnlyFromScratch(request, storageClass);
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
  if (!claim.isBlock && isDiskDriver(driver)) {
    yield {
      ...place,
      message: `${noun} asks ${driver} for ReadWriteMany on a file system, which no disk offers`,
      why: 'the claim stays Pending, or its pods fail to mount the volume on a second node',
      fix: 'Ask for one node, or name a class of a network file system (EFS, Filestore, Azure Files, NFS, CephFS):\naccessModes: [ReadWriteOnce]',
    };
  }
  const type = text(at(storageClass, 'parameters', 'type'));
  if (claim.isBlock && driver === 'ebs.csi.aws.com' && type !== undefined && !/^io[12]$/.test(type)) {
    yield {
      ...place,
      message: `${noun} asks for ReadWriteMany, and an EBS ${type} disk attaches to one node`,
      why: 'the second node that wants the disk never gets it; only io2 and io1 can be on several',
      fix: 'Name a class with type: io2, or ask for one node:\naccessModes: [ReadWriteOnce]',
    };
  }
}

/** vSphere has file volumes besides its disks; what is tied to a node serves no second one anyway. */
function isDiskDriver(provisioner: string): boolean {
  if (provisioner === 'csi.vsphere.vmware.com') return false;
  return csiDriver(provisioner)?.reach === 'zone' || provisioner === 'dobs.csi.digitalocean.com';
}

function* readOnlyFromScratch(
  { claim, identity, pointer, noun }: ClaimRequest,
  storageClass: KubernetesObject,
): Iterable<Finding> {
  const isReadOnly = claim.accessModes.length > 0 && claim.accessModes.every((mode) => mode === 'ReadOnlyMany');
  const { dataSource, dataSourceRef } = claim.spec;
  if (!isReadOnly || (dataSource ?? dataSourceRef ?? undefined) !== undefined) return;
  if (provisionerOf(storageClass) === 'kubernetes.io/no-provisioner') return;
  yield {
    identity: `${identity}/read-only`,
    path: `${pointer}/accessModes`,
    message: `${noun} asks for a new volume that is ReadOnlyMany`,
    why: 'a volume without a source is empty, and nobody may ever write to it',
    fix: 'Say what to copy, a snapshot or another claim, or ask for a mode that can write:\ndataSource: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: NAME}',
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
    case 'ebs.csi.aws.com':
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
