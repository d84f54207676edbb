import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { replicatedKinds, type Workload } from '../../kubernetes/workload.ts';

/**
 * Whether the workload is one of several that share out the zones: `ingester-zone-a` in eu-1a beside `ingester-zone-b`. Each is
 * tied to its zone so that the whole is spread.
 */
export function isOneOfZoneSets(workload: Workload, zone: string, view: ClusterView): 'yes' | 'no' | 'unknown' {
  const { groupKind, name, namespace, template } = workload;
  if (!replicatedKinds.includes(groupKind)) return 'no';
  const inLabel = Object.values(template.labels).some((value) => typeof value === 'string' && value.includes(zone));
  if (!inLabel && !endsLike(name, zone)) return 'no';
  const stem = stemOf(name);
  for (const { metadata } of view.list(groupKind, namespace)) {
    if (metadata.name !== undefined && metadata.name !== name && stemOf(metadata.name) === stem) return 'yes';
  }
  return view.knows(groupKind) === 'all' ? 'no' : 'unknown';
}

/** The zone itself, or what tells it from the others of its region: `-a` for eu-1a. */
function endsLike(name: string, zone: string): boolean {
  const last = name.slice(name.lastIndexOf('-') + 1);
  return name.includes(zone) || (last !== '' && last !== name && zone.endsWith(last));
}

function stemOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('-')));
}
