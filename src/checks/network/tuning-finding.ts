import { pointerTo } from '../../kubernetes/json-pointer.ts';
import type { PodContainer } from '../../kubernetes/pod-template.ts';
import type { Probe, ProbeField } from '../../kubernetes/probe.ts';
import type { Finding } from '../check.ts';

/** Where a probe is at fault, and under which name that goes. */
export function placeOf(
  { name, pointer }: PodContainer,
  field: ProbeField,
  ...keys: readonly string[]
): Pick<Finding, 'identity' | 'path'> {
  let identity = `container/${name}/${field}`;
  for (const key of keys) identity += `/${key}`;
  return { identity, path: pointerTo(pointer, field, ...keys) };
}

/** `livenessProbe of container "app"` */
export function nameOf({ name }: PodContainer, { field }: Probe): string {
  return `${field} of container "${name}"`;
}

/** A field of a probe to paste. */
export function setting({ field }: Probe, key: string, value: number): string {
  return `${field}:\n  ${key}: ${value}`;
}
