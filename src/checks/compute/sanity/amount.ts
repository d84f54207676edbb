import type { Resource } from '../../../kubernetes/effective-resources.ts';
import { pointerTo } from '../../../kubernetes/json-pointer.ts';
import type { PodContainer } from '../../../kubernetes/pod-template.ts';
import { parseQuantity } from '../../../kubernetes/quantity.ts';
import type { Finding } from '../../check.ts';
import { containerIdentity, namedContainer } from '../../named-container.ts';

/** Where resources stand: in a container, or for the pod as a whole. */
export interface Place {
  /** Undefined for the pod. */
  readonly one: PodContainer | undefined;
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

export function shared(amount: Amount, resource: Resource): Pick<Finding, 'identity' | 'path'> {
  const { place, field } = amount;
  return {
    identity: `${place.one === undefined ? 'pod' : containerIdentity(place.one)}/${resource}-${singular(field)}`,
    path: pointerTo(place.pointer, 'resources', field, resource),
  };
}

/** `container "app"` */
export function whoOf({ one }: Place): string {
  return one === undefined ? 'the pod' : namedContainer(one);
}

export function has({ place, field, written }: Amount, resource: Resource): string {
  return `${whoOf(place)} has a ${resource} ${singular(field)} of ${written.slice(0, 24)}`;
}

export function yaml({ field }: Amount, resource: Resource, value: string): string {
  return `resources:\n  ${field}:\n    ${resource}: ${value}`;
}

function singular(field: Amount['field']): string {
  return field === 'requests' ? 'request' : 'limit';
}
