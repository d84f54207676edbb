import type { ClusterView } from './cluster-view.ts';
import { formerZoneLabel, isFileDriver, zoneLabel } from './csi-topology.ts';
import { demandedZones } from './demanded-zones.ts';
import { at, type Fields, fields, isFields, text } from './fields.ts';
import { nodeDemands } from './node-affinity.ts';
import { type GroupKind, type KubernetesObject, labelOf } from './object.ts';
import { nodeNameIn } from './single-node.ts';

export const volumeKind: GroupKind = 'core/PersistentVolume';

/** What the volume demands of nodes that use it, in the form that a pod's spec has for it. */
export function volumeDemands(volume: KubernetesObject): Fields {
  const required = at(volume, 'spec', 'nodeAffinity', 'required');
  return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } } };
}

/** Volumes of the first years say it by a label alone, several zones as `a__b`. Source: the VolumeZone plugin. */
export function zonesOfVolume(volume: KubernetesObject, view: ClusterView): ReadonlySet<string> | undefined {
  const label = labelOf(volume, zoneLabel) ?? labelOf(volume, formerZoneLabel);
  return (
    demandedZones(nodeDemands(volumeDemands(volume)), view) ??
    (label === undefined ? undefined : new Set(label.split('__')))
  );
}

/** The node of a local disk; undefined for a volume that several nodes can reach. */
export function nodeOfVolume(volume: KubernetesObject): string | undefined {
  return nodeNameIn(volumeDemands(volume));
}

/** A disk or folder of some node, whether or not the volume says of which. */
export function isLocalVolume(volume: KubernetesObject): boolean {
  const { local, hostPath } = fields(volume['spec']);
  return isFields(local) || isFields(hostPath) || nodeOfVolume(volume) !== undefined;
}

/** Whether any number of nodes may use it at the same time, whatever its access modes say: a file system of the network. */
export function isFileSystemOfNetwork(volume: KubernetesObject, view: ClusterView): boolean {
  const spec = fields(volume['spec']);
  const driver = text(at(spec, 'csi', 'driver'));
  if (driver !== undefined) return isFileDriver(driver, view);
  return ['nfs', 'cephfs', 'glusterfs', 'azureFile'].some((source) => isFields(spec[source]));
}
