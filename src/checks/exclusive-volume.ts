import type { ClusterView } from '../kubernetes/cluster-view.ts';
import { csiDriverKind } from '../kubernetes/csi-topology.ts';
import type { GroupKind } from '../kubernetes/object.ts';
import { volumeKind } from '../kubernetes/persistent-volume.ts';
import type { PodTemplate } from '../kubernetes/pod-template.ts';
import { storageClassKind } from '../kubernetes/storage-class.ts';
import { claimKind } from '../kubernetes/volume-claim.ts';
import { exclusiveClaims, missingClaim } from './storage/exclusive-claims.ts';

/** What a check looks up that asks this; it needs to know none of it. */
export const exclusiveVolumeReads: readonly GroupKind[] = [claimKind, volumeKind, storageClassKind, csiDriverKind];

/**
 * How few can use a volume that the pods name: a single `pod`, or those of one `node`. A claim that is not in sight counts
 * as one of a node, as most are.
 */
export function exclusiveVolume(
  template: PodTemplate,
  namespace: string | undefined,
  view: ClusterView,
): 'pod' | 'node' | undefined {
  const claims = exclusiveClaims(template, namespace, view);
  if (claims.some(({ servesOne }) => servesOne === 'pod')) return 'pod';
  return claims.length > 0 || missingClaim(template, namespace, view) !== undefined ? 'node' : undefined;
}
