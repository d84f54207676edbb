import { checks } from '../checks/index.ts';
import { type WatchedKind, watchedKinds } from '../kubernetes/watched-kinds.ts';
import { ownKinds } from '../policy/own-kinds.ts';

/**
 * The kinds that a server holds in memory: what its checks read, what it is told by, and Namespaces, from whose labels tiers and
 * selectors are read.
 */
export function kindsToHold(): readonly WatchedKind[] {
  const read = new Set<string>(['core/Namespace', ...ownKinds, ...checks.flatMap(({ reads }) => Object.keys(reads))]);
  return [...watchedKinds.values()].filter(({ groupKind }) => read.has(groupKind));
}
