import { type GroupKind, kindOf } from './object.ts';

/** An object of a namespace that is known already. */
export interface NamedObject {
  readonly groupKind: GroupKind;
  readonly name: string;
}

/** `Deployment checkout`, as a person would say. */
export function namedObject({ groupKind, name }: NamedObject): string {
  return `${kindOf(groupKind)} ${name}`;
}

/** `a`, `a and b`, `a, b and c`, or `a and 4 more`. */
export function enumerate(names: readonly string[]): string {
  const [first = '', ...others] = names;
  if (others.length === 0) return first;
  if (others.length > 2) return `${first} and ${others.length} more`;
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
