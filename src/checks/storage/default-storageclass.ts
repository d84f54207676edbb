import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { viewWith } from '../../kubernetes/revised-view.ts';
import {
  annotationsOfDefault,
  defaultClasses,
  isDefaultClass,
  isDefaultSnapshotClass,
  snapshotClassKind,
  storageClassKind,
} from '../../kubernetes/storage-class.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';

const annotations = '/metadata/annotations';

export const defaultStorageclass = defineCheck<object>({
  id: 'storage/default-storageclass',
  title: 'One StorageClass is the default',
  why: 'the newest of them wins without a word, and claims that name no class get other disks than before',
  prevents: [
    'no persistent volumes available for this claim and no storage class is set (a claim that stays Pending)',
    'disks of the wrong kind after an add-on brought a second default',
  ],
  remedy:
    'Set the annotation storageclass.kubernetes.io/is-default-class: "true" on one class and on no other. Claims that were ' +
    'made without a class get the default as soon as there is one.',
  severity: 'medium',
  kinds: [storageClassKind, snapshotClassKind],
  // Two defaults are seen in any part of the world; that there is none takes all of it.
  reads: { [storageClassKind]: 'some', [snapshotClassKind]: 'none' },
  params: { schema: { type: 'object', properties: {}, required: [], additionalProperties: false }, defaults: {} },
  *evaluate(subject, _params, view) {
    const world = viewWith(view, subject.object, undefined);
    if (subject.groupKind === snapshotClassKind) yield* judgeSnapshotClass(subject, world);
    else if (isDefaultClass(subject.object)) yield* judgeDefault(subject, world);
    else if (view.knows(storageClassKind) === 'all' && isSpokesman(subject.object, world)) yield noDefault;
  },
  unknown({ groupKind }, _params, view) {
    return view.knows(groupKind) === 'all' ? undefined : groupKind;
  },
});

/** Of the classes of a cluster without a default one is told for all: the first by name. */
function isSpokesman({ metadata }: KubernetesObject, world: ClusterView): boolean {
  for (const other of world.list(storageClassKind)) {
    if (isDefaultClass(other) || (other.metadata.name ?? '') < (metadata.name ?? '')) return false;
  }
  return true;
}

const noDefault: Finding = {
  identity: 'none',
  path: annotations,
  message: 'no StorageClass of the cluster is the default',
  why: 'claims that name no class stay Pending until there is one',
  fix: 'Make this class or another one the default:\nmetadata:\n  annotations: {storageclass.kubernetes.io/is-default-class: "true"}',
  atMost: 'Audit',
  pending: true,
};

function* judgeDefault({ object, source }: CheckSubject, world: ClusterView): Iterable<Finding> {
  const classes = defaultClasses(world);
  const other = classes.find(({ metadata }) => metadata.name !== object.metadata.name);
  if (other === undefined) return;
  const name = other.metadata.name ?? '';
  const here = annotationsOfDefault(object).map((key) => `${key}: "false"`);
  yield {
    identity: `default/${name}`,
    path: annotations,
    message: `StorageClass ${name} is the default too`,
    fix: `Keep one default: set "false" here, or on StorageClass ${name}:\nmetadata:\n  annotations: {${here.join(', ')}}`,
    // A default that is moved from one class to another is on both for a moment.
    conflict: true,
    ...(source === 'admission' ? { atMost: 'Warn' } : { severity: 'high' }),
  };
}

/** A snapshot that names no class takes the default of its driver, and fails where there are two. */
function* judgeSnapshotClass({ object }: CheckSubject, world: ClusterView): Iterable<Finding> {
  if (!isDefaultSnapshotClass(object)) return;
  for (const other of world.list(snapshotClassKind)) {
    const { name = '' } = other.metadata;
    if (name === object.metadata.name || other['driver'] !== object['driver'] || !isDefaultSnapshotClass(other))
      continue;
    yield {
      identity: `snapshot-default/${name}`,
      path: annotations,
      message: `VolumeSnapshotClass ${name} is a default for ${String(object['driver'])} too`,
      why: 'with two of them a snapshot that names no class is not made at all',
      fix: `Keep one default for each driver: set "false" here, or on VolumeSnapshotClass ${name}:\nmetadata:\n  annotations: {snapshot.storage.kubernetes.io/is-default-class: "false"}`,
      atMost: 'Audit',
      severity: 'info',
      conflict: true,
    };
    return;
  }
}
