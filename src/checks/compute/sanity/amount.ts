import { pointerTo } from '../../../kubernetes/json-pointer.ts';
import { parseQuantity } from '../../../kubernetes/quantity.ts';
import type { Finding } from '../../check.ts';

/** Where resources stand: in a container, or for the pod as a whole. */
export interface Place {
  readonly identity: string;
  /** `container "app"` */
  readonly who: string;
  readonly container: string | undefined;
  readonly pointer: string;
  readonly resources: unknown;
}

/** A quantity as it is written, and what it amounts to. */
export interface Amount {
  readonly place: Place;
  readonly field: 'requests' | 'limits';
  readonly written: string;
  readonly nano: bigint;
}

/** @returns undefined for 0, which counts as nothing, and for what the API server refuses */
export function readAmount(place: Place, field: Amount['field'], value: unknown): Amount | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const nano = parseQuantity(value);
  return nano === undefined || nano <= 0n ? undefined : { place, field, written: String(value), nano };
}

export function shared(amount: Amount, resource: 'cpu' | 'memory'): Pick<Finding, 'identity' | 'path'> {
  const { place, field } = amount;
  return {
    identity: `${place.identity}/${resource}-${singular(field)}`,
    path: pointerTo(place.pointer, 'resources', field, resource),
  };
}

export function has({ place, field, written }: Amount, resource: 'cpu' | 'memory'): string {
  return `${place.who} has a ${resource} ${singular(field)} of ${written.slice(0, 24)}`;
}

export function yaml({ field }: Amount, resource: 'cpu' | 'memory', value: string): string {
  return `resources:\n  ${field}:\n    ${resource}: ${value}`;
}

function singular(field: Amount['field']): string {
  return field === 'requests' ? 'request' : 'limit';
}
