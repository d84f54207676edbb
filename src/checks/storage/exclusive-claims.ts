import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { csiDriver } from '../../kubernetes/csi-drivers.ts';
import { isFileDriver, provisionerOf } from '../../kubernetes/csi-topology.ts';
import { isFileSystemOfNetwork, isLocalVolume, volumeKind } from '../../kubernetes/persistent-volume.ts';
import type { PodTemplate } from '../../kubernetes/pod-template.ts';
import { classOfClaim } from '../../kubernetes/storage-class.ts';
import { claimKind, claimVolumes, readClaim, type VolumeClaim } from '../../kubernetes/volume-claim.ts';

/** A claim that pods name, and that not all of them can use at the same time. */
export interface ExclusiveClaim {
  readonly name: string;
  /** JSON Pointer to the volume that names it. */
  readonly pointer: string;
  /** `pod`: ReadWriteOncePod; `node`: ReadWriteOnce, for any number of pods on one node. */
  readonly servesOne: 'pod' | 'node';
  readonly accessMode: string;
  /** Its volume is a disk or folder of some node. */
  readonly isLocal: boolean;
}

/** The access modes come from the claims themselves, which must be seen for that: a class promises none. */
export function exclusiveClaims(
  template: PodTemplate,
  namespace: string | undefined,
  view: ClusterView,
): readonly ExclusiveClaim[] {
  const found: ExclusiveClaim[] = [];
  for (const { claimName, pointer } of claimVolumes(template)) {
    const object = claimName === undefined ? undefined : view.get(claimKind, namespace, claimName);
    if (claimName === undefined || object === undefined) continue;
    const claim = readClaim(object);
    const servesOne = exclusiveTo(claim);
    if (servesOne === undefined) continue;
    const local = isLocal(claim, view);
    if (servesOne === 'node' && !local && isShared(claim, view)) continue;
    const accessMode = servesOne === 'pod' ? 'ReadWriteOncePod' : 'ReadWriteOnce';
    found.push({ name: claimName, pointer, servesOne, accessMode, isLocal: local });
  }
  return found;
}

/** The first claim that the template names and the view does not hold. */
export function missingClaim(
  template: PodTemplate,
  namespace: string | undefined,
  view: ClusterView,
): string | undefined {
  return claimVolumes(template).find(
    ({ claimName }) => claimName !== undefined && view.get(claimKind, namespace, claimName) === undefined,
  )?.claimName;
}

function exclusiveTo({ accessModes }: VolumeClaim): 'pod' | 'node' | undefined {
  if (accessModes.includes('ReadWriteOncePod')) return 'pod';
  return accessModes.length > 0 && accessModes.every((mode) => mode === 'ReadWriteOnce') ? 'node' : undefined;
}

/** Nothing attaches a file system of the network, so nothing keeps a ReadWriteOnce claim of one to a single node. */
function isShared(claim: VolumeClaim, view: ClusterView): boolean {
  const volume = volumeOf(claim, view);
  if (volume !== undefined) return isFileSystemOfNetwork(volume, view);
  const provisioner = provisionerFor(claim, view);
  return provisioner !== undefined && isFileDriver(provisioner, view);
}

function isLocal(claim: VolumeClaim, view: ClusterView): boolean {
  const volume = volumeOf(claim, view);
  if (volume !== undefined) return isLocalVolume(volume);
  const provisioner = provisionerFor(claim, view);
  return provisioner !== undefined && csiDriver(provisioner)?.reach === 'node';
}

function volumeOf({ volumeName }: VolumeClaim, view: ClusterView): ReturnType<ClusterView['get']> {
  return volumeName === undefined ? undefined : view.get(volumeKind, undefined, volumeName);
}

function provisionerFor(claim: VolumeClaim, view: ClusterView): string | undefined {
  const found = classOfClaim(claim, view);
  return found === undefined ? undefined : provisionerOf(found);
}
