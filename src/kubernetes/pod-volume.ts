import { csiDriver } from './csi-drivers.ts';
import { at, type Fields, isFields, text } from './fields.ts';

/**
 * Whether what is in a volume that stands in a pod's spec outlives the pod; claims aside. A CSI volume in place is made for its
 * pod, like a secret, unless its driver mounts what others have.
 */
export function outlivesPod(volume: unknown): boolean {
  const driver = text(at(volume, 'csi', 'driver'));
  if (driver !== undefined) return csiDriver(driver)?.files === true;
  return lasting.some((source) => (at(volume, source) ?? undefined) !== undefined);
}

/** Source: core/v1 VolumeSource. */
const lasting: readonly string[] = [
  'hostPath',
  'nfs',
  'iscsi',
  'cephfs',
  'glusterfs',
  'rbd',
  'fc',
  'awsElasticBlockStore',
  'gcePersistentDisk',
  'azureDisk',
  'azureFile',
  'cinder',
  'vsphereVolume',
  'portworxVolume',
  'flexVolume',
];

/** A volume that names no source is an emptyDir. Source: core/v1 SetDefaults_Volume. */
export function emptyDirOf(volume: Fields): Fields | undefined {
  const { emptyDir } = volume;
  if (isFields(emptyDir)) return emptyDir;
  for (const key of Object.keys(volume))
    if (key !== 'name' && (volume[key] ?? undefined) !== undefined) return undefined;
  return {};
}
