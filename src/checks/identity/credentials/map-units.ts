import { fields } from '../../../kubernetes/fields.ts';
import { pointerTo } from '../../../kubernetes/json-pointer.ts';
import type { Part, Place, Unit } from './unit.ts';

/** A map of settings as one unit: an id and its secret stand under different keys. */
export function mapUnit(map: unknown, place: Place): Unit {
  const unit: Part[] = [];
  const settings = fields(map);
  for (const name in settings) {
    const value = settings[name];
    if (typeof value === 'string' && Object.hasOwn(settings, name)) unit.push(entryOf(place, name, value, 'value'));
  }
  return unit;
}

/** Annotations are apart from one another; each may be a whole file. */
export function* annotationUnits(annotations: unknown, place: Place): Generator<Unit> {
  const map = fields(annotations);
  for (const key in map) {
    const value = map[key];
    if (typeof value === 'string' && Object.hasOwn(map, key) && key !== copyOfTheObject)
      yield [entryOf(place, key, value, 'document')];
  }
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
