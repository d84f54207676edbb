import { zoneLabel } from '../../kubernetes/csi-topology.ts';
import { isZoneKey } from '../../kubernetes/demanded-zones.ts';
import { type Fields, fields } from '../../kubernetes/fields.ts';
import { nodeDemands } from '../../kubernetes/node-affinity.ts';

/**
 * What to change in a pod's spec that holds its pods in another zone than their volume. A volume brings its pods to its zone by
 * itself, so it is enough to take the demand away.
 * @param zone of the volume; undefined where each pod has volumes of its own, in some zone or other
 */
export function fixOfZoneDemand(spec: Fields, zone: string | undefined): string {
  const selected = Object.keys(fields(spec['nodeSelector'])).filter(isZoneKey);
  const required = zoneKeysOfAffinity(spec);
  const places = [
    ...selected.map((key) => `${key} from nodeSelector`),
    ...required.map((key) => `${key} from the required nodeAffinity`),
  ];
  const remedy = `Remove ${places.join(' and ')}`;
  const [key, ...others] = [...selected, ...required];
  // Beside another demand, or under another label, a zone that is named here would change nothing.
  if (zone === undefined || key !== zoneLabel || others.length > 0)
    return `${remedy}: each volume brings its pod to its zone by itself`;
  const yaml =
    selected.length > 0 ? `nodeSelector: {${key}: ${zone}}` : `- {key: ${key}, operator: In, values: [${zone}]}`;
  return `${remedy}, or name the zone of the volume there:\n${yaml}`;
}

function zoneKeysOfAffinity({ affinity }: Fields): readonly string[] {
  const keys = nodeDemands({ affinity }).flatMap((demand) => demand.map(({ key }) => key));
  return [...new Set(keys)].filter(isZoneKey);
}
