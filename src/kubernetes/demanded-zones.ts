import type { ClusterView } from './cluster-view.ts';
import { driverZoneKeys } from './csi-drivers.ts';
import { formerZoneLabel, zoneLabel } from './csi-topology.ts';
import type { NodeRequirement } from './node-affinity.ts';
import { labelOf } from './object.ts';

/**
 * The zones to which demands on nodes come down, as the label topology.kubernetes.io/zone names them. A driver's own label
 * is translated by the Nodes that carry both.
 * @returns undefined where they leave the zone open, or name one that no Node translates
 */
export function demandedZones(
  demands: readonly (readonly NodeRequirement[])[],
  view: ClusterView,
): ReadonlySet<string> | undefined {
  const zones = new Set<string>();
  for (const demand of demands) {
    const ofOne = zonesOfOne(demand, view);
    if (ofOne === undefined) return undefined;
    for (const zone of ofOne) zones.add(zone);
  }
  return demands.length === 0 ? undefined : zones;
}

/** Whether two sets of zones have none in common. */
export function areApart(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return inBoth(a, b).size === 0;
}

/** Requirements of one alternative must all hold. */
function zonesOfOne(demand: readonly NodeRequirement[], view: ClusterView): ReadonlySet<string> | undefined {
  let zones: ReadonlySet<string> | undefined;
  for (const { key, operator, values, of } of demand) {
    if (operator !== 'In' || of !== 'label' || !isZoneKey(key)) continue;
    const named = translate(key, values, view);
    if (named !== undefined) zones = zones === undefined ? named : inBoth(zones, named);
  }
  return zones;
}

function inBoth(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...a].filter((one) => b.has(one)));
}

/** Whether a Node label tells zones apart: the usual one, its former name, or one of a driver. */
export function isZoneKey(key: string): boolean {
  return key === zoneLabel || key === formerZoneLabel || driverZoneKeys.has(key);
}

function translate(key: string, values: readonly string[], view: ClusterView): ReadonlySet<string> | undefined {
  if (!driverZoneKeys.has(key)) return new Set(values);
  const zones = new Set<string>();
  const seen = new Set<string>();
  for (const node of view.list('core/Node')) {
    const [own, zone] = [labelOf(node, key), labelOf(node, zoneLabel)];
    if (own === undefined || zone === undefined || !values.includes(own)) continue;
    seen.add(own);
    zones.add(zone);
  }
  return seen.size === new Set(values).size ? zones : undefined;
}
