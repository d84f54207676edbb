import { sameBut } from '../kubernetes/json-patch.ts';
import type { ObjectIndex } from '../kubernetes/object-index.ts';
import type { GroupKind, KubernetesObject } from '../kubernetes/object.ts';
import type { WatchedKind } from '../kubernetes/watched-kinds.ts';
import type { ReflectorStore } from './reflector.ts';

/** Says that something that is kept of an object of this name is new; look it up to learn what. */
export type OnChange = (kind: GroupKind, namespace: string | undefined, name: string) => void;

/** Keeps one kind in an index, trimmed. */
export function indexedStore(index: ObjectIndex, { groupKind, trim }: WatchedKind, onChange: OnChange): ReflectorStore {
  /** What the list that is being read holds; objects stay visible until it is complete. */
  let listed: Set<KubernetesObject> | undefined;

  function remove({ metadata: { namespace, name = '' } }: KubernetesObject): void {
    if (index.get(groupKind, namespace, name) === undefined) return;
    index.delete(groupKind, namespace, name);
    onChange(groupKind, namespace, name);
  }

  return {
    put(object) {
      const { namespace, name = '', resourceVersion } = object.metadata;
      const held = index.get(groupKind, namespace, name);
      const known = held?.metadata.resourceVersion === resourceVersion ? held : undefined;
      const kept = known ?? trim(object);
      if (kept === undefined) return remove(object);
      listed?.add(kept);
      if (kept === known) return;
      index.put(kept);
      // Controllers write statuses every few seconds, and whoever hears of a change may look at the whole cluster again.
      if (held === undefined || !sameButForVersion(held, kept)) onChange(groupKind, namespace, name);
    },
    remove,
    beginList() {
      listed = new Set();
    },
    endList() {
      for (const object of index.all(groupKind)) if (!listed?.has(object)) remove(object);
      listed = undefined;
    },
  };
}

function sameButForVersion(held: KubernetesObject, kept: KubernetesObject): boolean {
  return (
    sameBut(held, kept, (key) => key === 'metadata') &&
    sameBut(held.metadata, kept.metadata, (key) => key === 'resourceVersion')
  );
}
