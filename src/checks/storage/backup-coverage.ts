import { backupKinds, isBackedUp } from '../../kubernetes/backup-evidence.ts';
import { type ClusterView, unseenKind } from '../../kubernetes/cluster-view.ts';
import { csiDriver } from '../../kubernetes/csi-drivers.ts';
import { provisionerOf } from '../../kubernetes/csi-topology.ts';
import type { GroupKind, KubernetesObject } from '../../kubernetes/object.ts';
import { some } from '../../kubernetes/some.ts';
import { snapshotClassKind, storageClassKind } from '../../kubernetes/storage-class.ts';
import { claimKind } from '../../kubernetes/volume-claim.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { backupMarks, isMarked } from './backup-marks.ts';

interface Params {
  /** How old the last VolumeSnapshot of a claim may be. */
  maxSnapshotAgeDays: number;
  /** Beginnings of labels or annotations on a claim or its namespace by which a backup from elsewhere shows. */
  marks: string[];
}

export const backupCoverage = defineCheck<Params>({
  id: 'storage/backup-coverage',
  title: 'Production claims are backed up',
  why: 'a deleted namespace, a broken disk or a bad migration takes the only copy of the data',
  prevents: ['data that nobody can bring back'],
  remedy:
    'Add a Velero Schedule for the namespace, VolumeSnapshots, or the backups of the operator that runs the database. What is ' +
    'backed up outside the cluster says so in a label or annotation, whose beginning stands in the param marks.',
  severity: 'medium',
  kinds: [claimKind, storageClassKind],
  // Manifests and a single request never show what has been backed up.
  sources: ['live'],
  reads: {
    'core/Namespace': 'none',
    [snapshotClassKind]: 'none',
    ...Object.fromEntries(backupKinds.map((kind) => [kind, 'none'])),
  },
  params: {
    schema: {
      type: 'object',
      properties: {
        maxSnapshotAgeDays: { type: 'integer', minimum: 1 },
        marks: { type: 'array', items: { type: 'string' } },
      },
      required: [],
      additionalProperties: false,
    },
    defaults: {
      maxSnapshotAgeDays: 7,
      marks: [...backupMarks],
    },
  },
  *evaluate(subject, params, view) {
    if (unseenEvidence(subject, view) !== undefined) return;
    if (subject.groupKind === storageClassKind) yield* judgeClass(subject.object, view);
    else if (subject.tier === 'production') yield* judgeClaim(subject, params, view);
  },
  unknown: (subject, _params, view) => unseenEvidence(subject, view),
});

function unseenEvidence({ groupKind }: CheckSubject, view: ClusterView): GroupKind | undefined {
  const needed = groupKind === storageClassKind ? [snapshotClassKind] : backupKinds;
  return unseenKind(needed, view);
}

function* judgeClaim(
  { object, namespace, now }: CheckSubject,
  { maxSnapshotAgeDays, marks }: Params,
  view: ClusterView,
): Iterable<Finding> {
  if (isMarked([object.metadata], namespace, marks, view)) return;
  const { name = '', labels } = object.metadata;
  if (isBackedUp({ name, namespace, labels: labels ?? {} }, view, now, maxSnapshotAgeDays)) return;
  yield {
    identity: 'backup',
    path: '/metadata/name',
    message: `no backup of the claim is known: no working schedule, no snapshot in the last ${maxSnapshotAgeDays} days`,
    fix: `Resume or mend its schedule, or make one, for example with Velero:\nvelero schedule create ${namespace} --schedule "@daily" --include-namespaces ${namespace}`,
    atMost: 'Audit',
  };
}

/** A CSI driver of disks as a rule can make snapshots, and needs a class for them. */
function* judgeClass(object: KubernetesObject, view: ClusterView): Iterable<Finding> {
  const provisioner = provisionerOf(object);
  const driver = csiDriver(provisioner);
  const isDisk = driver?.reach === 'zone' && !driver.lacksSnapshots && !provisioner.startsWith('kubernetes.io/');
  if (!isDisk || some(view.list(snapshotClassKind), (one) => one['driver'] === provisioner)) return;
  yield {
    identity: 'snapshot-class',
    path: '/provisioner',
    message: `no VolumeSnapshotClass is for ${provisioner}`,
    why: 'nobody can make a snapshot of its volumes',
    fix: `Add a VolumeSnapshotClass for this driver:\napiVersion: snapshot.storage.k8s.io/v1\nkind: VolumeSnapshotClass\nmetadata: {name: snapshots}\ndriver: ${provisioner}\ndeletionPolicy: Retain`,
    atMost: 'Audit',
    severity: 'info',
  };
}
