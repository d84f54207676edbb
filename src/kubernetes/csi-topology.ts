import type { ClusterView } from './cluster-view.ts';
import { csiDriver, type Reach } from './csi-drivers.ts';
import { at, fields, list, own, text } from './fields.ts';
import { type GroupKind, type KubernetesObject, labelOf } from './object.ts';
import { isNone } from './some.ts';

/** Where the volumes of a StorageClass can be used. */
export interface VolumeTopology {
  /** `unknown`: a driver that we have no word about, whatever the evidence hints at. */
  readonly reach: Reach | 'unknown';
  /** For an unknown driver, what the cluster says that speaks for a place: a clause that can follow the driver's name. */
  readonly hint: string | undefined;
}

export const csiDriverKind: GroupKind = 'storage.k8s.io/CSIDriver';

export const zoneLabel = 'topology.kubernetes.io/zone';
export const formerZoneLabel = 'failure-domain.beta.kubernetes.io/zone';

/** From the driver's name, corrected by what its nodes publish. */
export function volumeTopology(storageClass: KubernetesObject, view: ClusterView): VolumeTopology {
  const provisioner = provisionerOf(storageClass);
  if (isZoneRedundant(storageClass)) return known('cluster');
  if (isPinnedToPools(storageClass)) return known('zone');
  const driver = csiDriver(provisioner);
  if (driver?.reach === 'cluster') return known('cluster');
  const published = publishedKeys(provisioner, view);
  if (published?.length === 0 || (driver?.ifPublished && published === undefined)) return known('cluster');
  if (driver !== undefined) return known(driver.reach);
  if (published !== undefined) return { reach: 'unknown', hint: `publishes the topology key ${published.join(', ')}` };
  return { reach: 'unknown', hint: tracksCapacity(provisioner, view) ? 'tracks storage capacity by place' : undefined };
}

export function provisionerOf(storageClass: KubernetesObject): string {
  return text(storageClass['provisioner']) ?? '';
}

/**
 * Whether the driver only mounts its volumes, on any number of nodes at the same time. One that nobody has told us about says so
 * itself: what is never attached cannot be attached elsewhere.
 */
export function isFileDriver(provisioner: string, view: ClusterView): boolean {
  const driver = csiDriver(provisioner);
  if (driver !== undefined) return driver.files === true;
  return at(view.get(csiDriverKind, undefined, provisioner), 'spec', 'attachRequired') === false;
}

/** The zones of the cluster as this class's driver tells them apart; empty where no Node has a zone. */
export function zonesOf(storageClass: KubernetesObject, view: ClusterView): ReadonlySet<string> {
  const zones = new Set<string>();
  for (const node of view.list('core/Node')) {
    const zone = zoneKeys(storageClass)
      .map((key) => labelOf(node, key))
      .find((value) => value !== undefined);
    if (zone !== undefined) zones.add(zone);
  }
  return zones;
}

/** Whether all Nodes, as far as the driver can tell, are in the same zone: as where none of them has one. */
export function isInOneZone(storageClass: KubernetesObject, view: ClusterView): boolean {
  if (view.knows('core/Node') !== 'all' || zonesOf(storageClass, view).size > 1) return false;
  // Nodes that are yet to come may have any.
  return !isNone(view.list('core/Node'));
}

/** The zones to which `allowedTopologies` narrows the class; undefined where it does not. */
export function allowedZones(storageClass: KubernetesObject): ReadonlySet<string> | undefined {
  const terms = list(storageClass['allowedTopologies']);
  const zones = new Set<string>();
  for (const term of terms) {
    // Terms are alternatives: one that names no zone opens them all again.
    const named = list(at(term, 'matchLabelExpressions')).filter((one) =>
      zoneKeys(storageClass).includes(text(at(one, 'key')) ?? ''),
    );
    if (named.length === 0) return undefined;
    for (const one of named) for (const value of list(at(one, 'values'))) zones.add(String(value));
  }
  return terms.length === 0 ? undefined : zones;
}

/** The driver's own label first: where both exist, its volumes follow that one. */
function zoneKeys(storageClass: KubernetesObject): readonly string[] {
  const key = csiDriver(provisionerOf(storageClass))?.zoneKey;
  return key === undefined ? [zoneLabel, formerZoneLabel] : [key, zoneLabel, formerZoneLabel];
}

/** Azure's zone-redundant disks attach in every zone. The driver reads parameter names and values in any case. */
function isZoneRedundant(storageClass: KubernetesObject): boolean {
  if (!/^(disk\.csi\.azure\.com|kubernetes\.io\/azure-disk)$/.test(provisionerOf(storageClass))) return false;
  return Object.entries(fields(storageClass['parameters'])).some(
    ([name, value]) => /^(skuname|storageaccounttype)$/i.test(name) && /_zrs$/i.test(String(value)),
  );
}

/** Ceph reaches the whole cluster, unless the class maps pools to places. */
function isPinnedToPools(storageClass: KubernetesObject): boolean {
  return (
    provisionerOf(storageClass).endsWith('.csi.ceph.com') &&
    own(storageClass['parameters'], 'topologyConstrainedPools') !== undefined
  );
}

/** The topology keys on the nodes that run the driver; an empty list is a proof only when every node is known. */
function publishedKeys(provisioner: string, view: ClusterView): readonly string[] | undefined {
  const keys = new Set<string>();
  let runs = false;
  for (const node of view.list('storage.k8s.io/CSINode')) {
    for (const driver of list(at(node, 'spec', 'drivers'))) {
      if (at(driver, 'name') !== provisioner) continue;
      runs = true;
      for (const key of list(at(driver, 'topologyKeys'))) keys.add(String(key));
    }
  }
  if (keys.size > 0) return [...keys].sort();
  return runs && view.knows('storage.k8s.io/CSINode') === 'all' ? [] : undefined;
}

/** Capacity by place is consulted only for a pod that waits: the driver asks for WaitForFirstConsumer by it. Source: KEP-1472. */
function tracksCapacity(provisioner: string, view: ClusterView): boolean {
  return at(view.get(csiDriverKind, undefined, provisioner), 'spec', 'storageCapacity') === true;
}

function known(reach: Reach): VolumeTopology {
  return { reach, hint: undefined };
}
