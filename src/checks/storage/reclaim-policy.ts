import { backupKinds, isBackedUp, type KeptClaim } from '../../kubernetes/backup-evidence.ts';
import { type ClusterView, unseenKind } from '../../kubernetes/cluster-view.ts';
import { at, text } from '../../kubernetes/fields.ts';
import { type KubernetesObject, labelOf } from '../../kubernetes/object.ts';
import { volumeKind } from '../../kubernetes/persistent-volume.ts';
import { classOfClaim, storageClassKind } from '../../kubernetes/storage-class.ts';
import { claimKind } from '../../kubernetes/volume-claim.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { backupMarks, isMarked } from './backup-marks.ts';
import { type ClaimRequest, claimRequests } from './claim-requests.ts';

interface Params {
  /** Whether claims and StatefulSets are warned of, or only recorded. */
  warnClaims: boolean;
  /** How old the last VolumeSnapshot of a claim may be. */
  maxSnapshotAgeDays: number;
  /** Beginnings of labels or annotations by which a backup from elsewhere shows, as for storage/backup-coverage. */
  marks: string[];
  /** How long a volume may lie about that nobody claims any more. */
  releasedDays: number;
}

const day = 24 * 60 * 60 * 1000;

export const reclaimPolicy = defineCheck<Params>({
  id: 'storage/reclaim-policy',
  title: 'Production data outlives its claim',
  why: 'whoever deletes the claim or its namespace deletes the only copy of the data, at once',
  prevents: ['a database that is gone after kubectl delete namespace, or after a Helm release was removed'],
  remedy:
    'Back the data up (Velero, VolumeSnapshots, the operator of the database), or keep the volume: persistentVolumeReclaimPolicy ' +
    'can be changed on a PersistentVolume at any time. Delete is the right default for everything else, since volumes that are ' +
    'kept cost money for ever.',
  severity: 'medium',
  kinds: [claimKind, 'apps/StatefulSet', storageClassKind, volumeKind],
  // What is seen is enough for a finding; `unknown` speaks up for the rest.
  reads: {
    [storageClassKind]: 'none',
    [volumeKind]: 'none',
    'core/Namespace': 'none',
    ...Object.fromEntries(backupKinds.map((kind) => [kind, 'none'])),
  },
  params: {
    schema: {
      type: 'object',
      properties: {
        warnClaims: { type: 'boolean' },
        maxSnapshotAgeDays: { type: 'integer', minimum: 1 },
        marks: { type: 'array', items: { type: 'string' } },
        releasedDays: { type: 'integer', minimum: 1 },
      },
      required: [],
      additionalProperties: false,
    },
    defaults: { warnClaims: false, maxSnapshotAgeDays: 7, marks: [...backupMarks], releasedDays: 30 },
  },
  *evaluate(subject, params, view) {
    if (subject.groupKind === storageClassKind) yield* judgeClass(subject.object);
    else if (subject.groupKind === volumeKind) yield* judgeReleased(subject, params);
    else if (subject.tier === 'production') {
      for (const request of claimRequests(subject)) {
        const deleter = request.of === 'ephemeral volume' ? undefined : deleterOf(request, view);
        const isSure = backupKinds.every((kind) => view.knows(kind) === 'all');
        if (deleter === undefined || !isSure || isKept(request, subject, params, view)) continue;
        yield describe(request, deleter, params);
      }
    }
  },
  unknown(subject, params, view) {
    if (subject.tier !== 'production' || subject.groupKind === storageClassKind) return undefined;
    for (const request of claimRequests(subject)) {
      if (request.of === 'ephemeral volume') continue;
      if (view.knows(storageClassKind) !== 'all' && classOfClaim(request.claim, view) === undefined)
        return storageClassKind;
      if (deleterOf(request, view) === undefined || isKept(request, subject, params, view)) continue;
      return unseenKind(backupKinds, view);
    }
    return undefined;
  },
});

/** What deletes the data with the claim: its volume, or, where none is seen yet, the class, as classes do that say nothing. */
function deleterOf(request: ClaimRequest, view: ClusterView): string | undefined {
  const { volumeName } = request.claim;
  const volume = volumeName === undefined ? undefined : view.get(volumeKind, undefined, volumeName);
  if (volume !== undefined) {
    return at(volume, 'spec', 'persistentVolumeReclaimPolicy') === 'Delete'
      ? `PersistentVolume ${volumeName}`
      : undefined;
  }
  const found = classOfClaim(request.claim, view);
  return found !== undefined && isDeleting(found) ? `StorageClass ${found.metadata.name}` : undefined;
}

function isDeleting(storageClass: KubernetesObject): boolean {
  return (storageClass['reclaimPolicy'] ?? 'Delete') === 'Delete';
}

/** Of a StatefulSet the claims are not there yet: what is for the namespace, or for its pods' labels, is for them. */
function isKept(
  { of, claim, metadata }: ClaimRequest,
  { object, namespace, workload, now }: CheckSubject,
  { maxSnapshotAgeDays, marks }: Params,
  view: ClusterView,
): boolean {
  const labels = of === 'claim' ? (object.metadata.labels ?? {}) : (workload?.template.labels ?? {});
  const kept: KeptClaim = { name: of === 'claim' ? (object.metadata.name ?? '') : '', namespace, labels };
  return (
    claim.className === '' ||
    isMarked([object.metadata, metadata, workload?.template], namespace, marks, view) ||
    isBackedUp(kept, view, now, maxSnapshotAgeDays)
  );
}

function describe(request: ClaimRequest, deleter: string, { warnClaims }: Params): Finding {
  const { of, noun, identity, pointer, claim } = request;
  const loss = of === 'claim' ? 'its volume is deleted with the claim' : `volumes of ${noun} go with their claims`;
  const patch = `kubectl patch pv ${claim.volumeName} -p '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'`;
  return {
    identity: `${identity}/reclaim`,
    path: `${pointer}/storageClassName`,
    message: `${loss} (${deleter}), and no backup is known`,
    fix:
      claim.volumeName === undefined
        ? 'Back it up, or name a class with reclaimPolicy: Retain'
        : `Back it up, or keep its volume:\n${patch}`,
    atMost: warnClaims ? 'Warn' : 'Audit',
  };
}

function* judgeClass(object: KubernetesObject): Iterable<Finding> {
  if (labelOf(object, 'daytwo.dev/tier') !== 'production' || !isDeleting(object)) return;
  yield {
    identity: 'reclaimPolicy',
    path: '/reclaimPolicy',
    message: `${object['reclaimPolicy'] === undefined ? 'no reclaimPolicy, so Delete' : 'reclaimPolicy: Delete'}, in a class labelled for production`,
    fix: 'Keep the volumes of production (the field is immutable: delete the class and make it again):\nreclaimPolicy: Retain',
    atMost: 'Warn',
  };
}

/** Kept, as it should be, and then forgotten. */
function* judgeReleased({ object, source, now }: CheckSubject, { releasedDays }: Params): Iterable<Finding> {
  if (source !== 'live' || at(object, 'status', 'phase') !== 'Released') return;
  if (at(object, 'spec', 'persistentVolumeReclaimPolicy') !== 'Retain') return;
  const since = text(at(object, 'status', 'lastPhaseTransitionTime')) ?? object.metadata.creationTimestamp ?? '';
  const days = Math.floor((now - Date.parse(since)) / day);
  if (!(days > releasedDays)) return;
  const claim = `${String(at(object, 'spec', 'claimRef', 'namespace'))}/${String(at(object, 'spec', 'claimRef', 'name'))}`;
  yield {
    identity: 'released',
    path: '/spec/persistentVolumeReclaimPolicy',
    message: `the volume of the former claim ${claim} has been kept for ${days} days, and nobody uses it`,
    why: 'it costs money every month, and nobody knows any more whether its data is needed',
    fix: 'Give it to a new claim (remove spec.claimRef, name it in volumeName), or delete the volume and its disk',
    atMost: 'Audit',
    severity: 'low',
  };
}
