import { csiDriver } from '../../kubernetes/csi-drivers.ts';
import { at, list, text } from '../../kubernetes/fields.ts';
import type { PodTemplate } from '../../kubernetes/pod-template.ts';
import { claimVolumes } from '../../kubernetes/volume-claim.ts';

/** Whether its pods name a claim, which others of them name too. */
export function namesClaim(template: PodTemplate): boolean {
  return claimVolumes(template).some(({ claimName }) => claimName !== undefined);
}

/** Whether its pods have a volume that outlives them: a claim, a folder of the node, or a disk or share that is named in place. */
export function keepsData(template: PodTemplate): boolean {
  return namesClaim(template) || list(template.spec['volumes']).some(isLasting);
}

/** A CSI volume in place is made for its pod, like a secret, unless its driver mounts what others have. */
function isLasting(volume: unknown): boolean {
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
