import { fields } from '../../../kubernetes/fields.ts';
import { pointerTo } from '../../../kubernetes/json-pointer.ts';
import { mayHoldSecret } from './suspicion.ts';
import type { Part, Place, Unit } from './unit.ts';

/** A map of settings as one unit: an id and its secret stand under different keys. */
export function mapUnit(map: unknown, place: Place): Unit {
  return Object.entries(fields(map)).flatMap(([name, value]) =>
    typeof value === 'string' ? [entryOf(place, name, value, 'value')] : [],
  );
}

/** Annotations are apart from one another; each may be a whole file. Those that are not suspect are left out. */
export function annotationUnits(annotations: unknown, place: Place): readonly Unit[] {
  const units: Unit[] = [];
  const written = fields(annotations);
  for (const key of Object.keys(written)) {
    const value = written[key];
    if (key !== copyOfTheObject && typeof value === 'string' && mayHoldSecret(value))
      units.push([entryOf(place, key, value, 'document')]);
  }
  return units;
}

/** kubectl repeats the whole object there: everything in it is found where it stands. */
const copyOfTheObject = 'kubectl.kubernetes.io/last-applied-configuration';

export function entryOf(place: Place, name: string, value: string, holds: Part['holds']): Part {
  return {
    name,
    value,
    where: `${place.where} "${name}"`,
    identity: `${place.identity}/${name}`,
    pointer: pointerTo(place.pointer, name),
    holds,
  };
}
