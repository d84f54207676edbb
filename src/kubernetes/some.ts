/** Whether one of them is such. What a view lists has no such method, and is not copied for it. */
export function some<T>(all: Iterable<T>, holds: (one: T) => boolean): boolean {
  for (const one of all) if (holds(one)) return true;
  return false;
}

export function isNone(all: Iterable<unknown>): boolean {
  return !some(all, () => true);
}
