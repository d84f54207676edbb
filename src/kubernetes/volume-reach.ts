import type { ClusterView } from './cluster-view.ts';
import type { Reach } from './csi-drivers.ts';
import { volumeTopology } from './csi-topology.ts';
import { at } from './fields.ts';
import type { KubernetesObject } from './object.ts';
import { isLocalVolume, volumeKind } from './persistent-volume.ts';
import { classOfClaim } from './storage-class.ts';
import { claimKind, claimTemplates, claimVolumes, readClaim, type VolumeClaim } from './volume-claim.ts';
import type { Workload } from './workload.ts';

/**
 * From how much of the cluster each volume of the workload's pods can be used; `unknown` stands for one whose claim, class
 * or driver is not known. Empty for a workload without claims.
 */
export function volumeReaches(
  { template, namespace }: Workload,
  object: KubernetesObject,
  view: ClusterView,
): ReadonlySet<Reach | 'unknown'> {
  const reaches = new Set<Reach | 'unknown'>();
  for (const { claimName, template: ephemeral } of claimVolumes(template)) {
    const claim = claimName === undefined ? ephemeral : view.get(claimKind, namespace, claimName);
    reaches.add(claim === undefined ? 'unknown' : reachOf(readClaim(claim), view));
  }
  for (const claim of claimTemplates(object)) reaches.add(reachOf(readClaim(claim), view));
  return reaches;
}

/** What the volume itself demands of nodes comes before what its class promises. */
function reachOf(claim: VolumeClaim, view: ClusterView): Reach | 'unknown' {
  const { volumeName } = claim;
  const volume = volumeName === undefined ? undefined : view.get(volumeKind, undefined, volumeName);
  if (volume !== undefined && isLocalVolume(volume)) return 'node';
  if (volume !== undefined) return at(volume, 'spec', 'nodeAffinity', 'required') === undefined ? 'cluster' : 'zone';
  const found = classOfClaim(claim, view);
  return found === undefined ? 'unknown' : volumeTopology(found, view).reach;
}
