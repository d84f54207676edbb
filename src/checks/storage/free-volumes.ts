import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { at, fields, list } from '../../kubernetes/fields.ts';
import { matchesSelector } from '../../kubernetes/label-selector.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { ordinalsOf } from '../../kubernetes/ordinals.ts';
import { volumeKind } from '../../kubernetes/persistent-volume.ts';
import { parseQuantity } from '../../kubernetes/quantity.ts';
import { defaultClasses } from '../../kubernetes/storage-class.ts';
import { claimKind, claimNameOf, readClaim, type VolumeClaim } from '../../kubernetes/volume-claim.ts';
import type { CheckSubject } from '../check.ts';
import type { ClaimRequest } from './claim-requests.ts';

/**
 * Whether a volume of its class is there already, free or kept for it: its class need not exist then. A set whose claims have
 * their volumes waits for none. Source: volume binder FindMatchingVolume.
 */
export function hasVolume(request: ClaimRequest, subject: CheckSubject, view: ClusterView): boolean {
  const { claim } = request;
  const className = claim.className ?? defaultClasses(view)[0]?.metadata.name;
  if (className === undefined) return false;
  const names = waitingNames(request, subject, view);
  if (names?.length === 0) return true;
  for (const volume of view.list(volumeKind)) {
    if (suits(volume, className, claim) && isFreeFor(volume, names, subject.namespace)) return true;
  }
  return false;
}

/** The names of the claims that have no volume yet; undefined for those that nobody can foretell, of ephemeral volumes. */
function waitingNames(
  request: ClaimRequest,
  { object, namespace, workload }: CheckSubject,
  view: ClusterView,
): readonly string[] | undefined {
  if (request.of === 'claim') return [object.metadata.name ?? ''];
  if (request.of === 'ephemeral volume' || workload === undefined) return undefined;
  return ordinalsOf(object, workload)
    .map((ordinal) => claimNameOf(request, workload.name, ordinal))
    .filter((name) => {
      const claim = view.get(claimKind, namespace, name);
      return claim === undefined || readClaim(claim).volumeName === undefined;
    });
}

function suits(volume: KubernetesObject, className: string, { accessModes, isBlock, spec }: VolumeClaim): boolean {
  const { storageClassName, capacity, accessModes: modes, volumeMode } = fields(volume['spec']);
  const wanted = parseQuantity(at(spec, 'resources', 'requests', 'storage')) ?? 0n;
  return (
    (storageClassName ?? '') === className &&
    (volumeMode === 'Block') === isBlock &&
    accessModes.every((mode) => list(modes).includes(mode)) &&
    (parseQuantity(at(capacity, 'storage')) ?? 0n) >= wanted &&
    (spec['selector'] === undefined || matchesSelector(spec['selector'], volume.metadata.labels ?? {}) === 'yes')
  );
}

/** One that its claim has left keeps the reference to that very claim, and serves no other of its name. */
function isFreeFor(volume: KubernetesObject, names: readonly string[] | undefined, namespace: unknown): boolean {
  if (['Released', 'Failed'].includes(String(at(volume, 'status', 'phase')))) return false;
  const claimRef = at(volume, 'spec', 'claimRef');
  if (claimRef === undefined) return true;
  return at(claimRef, 'namespace') === namespace && names?.includes(String(at(claimRef, 'name'))) === true;
}
