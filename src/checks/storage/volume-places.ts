import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { areApart } from '../../kubernetes/demanded-zones.ts';
import { type NodeRequirement, nodeDemands } from '../../kubernetes/node-affinity.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { volumeDemands, zonesOfVolume } from '../../kubernetes/persistent-volume.ts';

/** Where two volumes are that no node reaches both of. */
export interface Places {
  readonly one: ReadonlySet<string>;
  readonly other: ReadonlySet<string>;
}

/** @returns undefined where some node may reach both */
export function placesApart(one: KubernetesObject, other: KubernetesObject, view: ClusterView): Places | undefined {
  const [zones, otherZones] = [zonesOfVolume(one, view), zonesOfVolume(other, view)];
  if (zones !== undefined && otherZones !== undefined && areApart(zones, otherZones))
    return { one: zones, other: otherZones };
  return valuesApart(nodeDemands(volumeDemands(one)), nodeDemands(volumeDemands(other)));
}

/** Different values of one label, such as the names of two nodes: they need no translation to exclude each other. */
function valuesApart(
  demands: readonly (readonly NodeRequirement[])[],
  others: readonly (readonly NodeRequirement[])[],
): Places | undefined {
  let apart: Places | undefined;
  for (const demand of demands) {
    for (const other of others) {
      apart = clashOf(demand, other);
      if (apart === undefined) return undefined;
    }
  }
  return apart;
}

function clashOf(demand: readonly NodeRequirement[], others: readonly NodeRequirement[]): Places | undefined {
  for (const { key, operator, values, of } of demand) {
    if (operator !== 'In') continue;
    const clash = others.find((one) => one.operator === 'In' && one.key === key && one.of === of);
    if (clash === undefined || values.some((value) => clash.values.includes(value))) continue;
    return { one: new Set(values), other: new Set(clash.values) };
  }
  return undefined;
}
