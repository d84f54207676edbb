import type { ClusterView } from './cluster-view.ts';
import { provisionerOf } from './csi-topology.ts';
import { annotationOf, type GroupKind, type KubernetesObject } from './object.ts';
import type { VolumeClaim } from './volume-claim.ts';

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

/** The class that a claim gets, if it is seen: the default where it names none, and no class at all for the name "". */
export function classOfClaim({ className }: VolumeClaim, view: ClusterView): KubernetesObject | undefined {
  if (className === '') return undefined;
  return className === undefined ? defaultClasses(view)[0] : view.get(storageClassKind, undefined, className);
}

/** Whether its volumes are made by hand: it is there to keep claims waiting for their pods. */
export function isHandMade(storageClass: KubernetesObject): boolean {
  return provisionerOf(storageClass) === 'kubernetes.io/no-provisioner';
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
