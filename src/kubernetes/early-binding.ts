import type { ClusterView } from './cluster-view.ts';
import { allowedZones, isInOneZone, volumeTopology } from './csi-topology.ts';
import { annotationOf, type KubernetesObject } from './object.ts';

/**
 * To what the volumes of a class are tied that are made before their pod has a node; undefined for a class that waits,
 * whose volumes reach every node, or whose owner says that it is meant.
 */
export function earlyBinding(storageClass: KubernetesObject, view: ClusterView): 'zone' | 'node' | undefined {
  if ((storageClass['volumeBindingMode'] ?? 'Immediate') !== 'Immediate') return undefined;
  if (annotationOf(storageClass, 'daytwo.dev/allow-immediate-binding')?.trim()) return undefined;
  const { reach } = volumeTopology(storageClass, view);
  if (reach !== 'zone') return reach === 'node' ? reach : undefined;
  return isInOneZone(storageClass, view) || allowedZones(storageClass)?.size === 1 ? undefined : reach;
}

/** Whether a class has the volume wait until its pod is placed. */
export function waitsForPod(storageClass: KubernetesObject): boolean {
  return storageClass['volumeBindingMode'] === 'WaitForFirstConsumer';
}
