import type { ClusterView } from './cluster-view.ts';
import { annotationOf, type GroupKind, type KubernetesObject } from './object.ts';

export const storageClassKind: GroupKind = 'storage.k8s.io/StorageClass';

const defaultAnnotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

/** The older annotation counts as much. Source: component-helpers storage/volume IsDefaultAnnotation. */
export function isDefaultClass(storageClass: KubernetesObject): boolean {
  return defaultAnnotations.some((key) => annotationOf(storageClass, key) === 'true');
}

/** The annotations by which it is the default. */
export function annotationsOfDefault(storageClass: KubernetesObject): readonly string[] {
  return defaultAnnotations.filter((key) => annotationOf(storageClass, key) === 'true');
}

/** The classes that call themselves the default, the one that wins first. */
export function defaultClasses(view: ClusterView): readonly KubernetesObject[] {
  const found: KubernetesObject[] = [];
  for (const one of view.list(storageClassKind)) if (isDefaultClass(one)) found.push(one);
  return found.length > 1 ? found.sort(byRank) : found;
}

/** The newest wins, of those made in the same second the first by name. Source: pkg/volume/util GetDefaultClass. */
function byRank(a: KubernetesObject, b: KubernetesObject): number {
  const [old, young] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  if (old !== young) return old < young ? 1 : -1;
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
}

export const snapshotClassKind: GroupKind = 'snapshot.storage.k8s.io/VolumeSnapshotClass';

/** Of VolumeSnapshotClasses there may be one default for each driver. */
export function isDefaultSnapshotClass(snapshotClass: KubernetesObject): boolean {
  return annotationOf(snapshotClass, 'snapshot.storage.kubernetes.io/is-default-class') === 'true';
}
