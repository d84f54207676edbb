import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { at, text } from '../../kubernetes/fields.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import type { GroupKind, KubernetesObject } from '../../kubernetes/object.ts';
import { ordinalsOf } from '../../kubernetes/ordinals.ts';
import { volumeKind } from '../../kubernetes/persistent-volume.ts';
import { claimKind, claimNameOf, claimTemplates, claimVolumes, readClaim } from '../../kubernetes/volume-claim.ts';
import type { Workload } from '../../kubernetes/workload.ts';

/** A claim of a pod, with the volume that it has. */
export interface BoundClaim {
  readonly name: string;
  /** JSON Pointer to what brings the claim into the pod. */
  readonly pointer: string;
  readonly volume: KubernetesObject;
}

/**
 * The claims of each pod that have their volumes already: those that the template names, and, in a StatefulSet, those that an
 * earlier pod of the same name left behind. Pods with the same claims are listed once.
 */
export function boundClaims(
  object: KubernetesObject,
  workload: Workload,
  view: ClusterView,
): readonly (readonly BoundClaim[])[] {
  const { template, namespace, name, groupKind } = workload;
  const bind = (claimName: string, pointer: string): readonly BoundClaim[] => {
    const volume = volumeOf(claimName, namespace, view);
    return volume === undefined ? [] : [{ name: claimName, pointer, volume }];
  };
  const shared = claimVolumes(template).flatMap(({ claimName, pointer }) =>
    claimName === undefined ? [] : bind(claimName, pointerTo(pointer, 'persistentVolumeClaim', 'claimName')),
  );
  const templates = groupKind === 'apps/StatefulSet' ? claimTemplates(object) : [];
  if (templates.length === 0) return [shared];
  return ordinalsOf(object, workload).map((ordinal) => {
    const own = templates.flatMap((one, index) =>
      bind(claimNameOf(one, name, ordinal), `/spec/volumeClaimTemplates/${index}`),
    );
    return shared.concat(own);
  });
}

/** Of which kind more must be known to say that a named claim has no volume. */
export function unseenOfClaims({ template, namespace }: Workload, view: ClusterView): GroupKind | undefined {
  for (const { claimName } of claimVolumes(template)) {
    if (claimName === undefined) continue;
    const claim = view.get(claimKind, namespace, claimName);
    if (claim === undefined && view.knows(claimKind) !== 'all') return claimKind;
    const isBound = claim !== undefined && readClaim(claim).volumeName !== undefined;
    if (isBound && view.knows(volumeKind) !== 'all' && volumeOf(claimName, namespace, view) === undefined)
      return volumeKind;
  }
  return undefined;
}

function volumeOf(claimName: string, namespace: string | undefined, view: ClusterView): KubernetesObject | undefined {
  const volumeName = text(at(view.get(claimKind, namespace, claimName), 'spec', 'volumeName'));
  return volumeName ? view.get(volumeKind, undefined, volumeName) : undefined;
}
