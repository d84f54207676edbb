import { fields } from '../../../kubernetes/fields.ts';
import type { KubernetesObject } from '../../../kubernetes/object.ts';
import { entryOf } from './map-units.ts';
import type { Part, Unit } from './unit.ts';

/** Each file of a ConfigMap is a unit; values of one line are together: as env they meet in one container. */
export function* configMapUnits(object: KubernetesObject): Generator<Unit> {
  const settings: Part[] = [];
  for (const part of dataParts(object['data'], 'data')) {
    if (part.value.includes('\n')) yield [part];
    else settings.push(part);
  }
  yield settings;
  for (const part of dataParts(object['binaryData'], 'binaryData')) yield [{ ...part, encoded: true }];
}

function* dataParts(map: unknown, field: 'data' | 'binaryData'): Generator<Part> {
  const place = { where: field, identity: field, pointer: `/${field}` };
  for (const [key, value] of Object.entries(fields(map))) {
    if (typeof value === 'string') yield entryOf(place, key, value, 'document');
  }
}
