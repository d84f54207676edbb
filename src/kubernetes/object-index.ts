import type { ClusterView, Knowledge, ServerVersion } from './cluster-view.ts';
import { type GroupKind, groupKindOf, type KubernetesObject } from './object.ts';

const none: readonly never[] = Object.freeze([]);

type ByName = Map<string, KubernetesObject>;

/** Objects by kind, namespace and name: the store behind every cluster view. A lookup never scans another namespace. */
export class ObjectIndex implements ClusterView {
  readonly version: ServerVersion | undefined;
  readonly #knowledge: (kind: GroupKind) => Knowledge;
  readonly #objects = new Map<GroupKind, Map<string, ByName>>();
  /** Those that were asked for and have not changed since. */
  readonly #lists = new WeakMap<ByName, readonly KubernetesObject[]>();

  constructor(knowledge: Knowledge | ((kind: GroupKind) => Knowledge), version?: ServerVersion) {
    this.#knowledge = typeof knowledge === 'function' ? knowledge : () => knowledge;
    this.version = version;
  }

  knows(kind: GroupKind): Knowledge {
    return this.#knowledge(kind);
  }

  list(kind: GroupKind, namespace = ''): Iterable<KubernetesObject> {
    const names = this.#objects.get(kind)?.get(namespace);
    if (names === undefined) return none;
    let list = this.#lists.get(names);
    if (list === undefined) this.#lists.set(names, (list = [...names.values()]));
    return list;
  }

  /** The objects of a kind in all namespaces. */
  *all(kind: GroupKind): Generator<KubernetesObject, void, void> {
    for (const names of this.#objects.get(kind)?.values() ?? []) yield* names.values();
  }

  get(kind: GroupKind, namespace: string | undefined, name: string): KubernetesObject | undefined {
    return this.#objects
      .get(kind)
      ?.get(namespace ?? '')
      ?.get(name);
  }

  /** Adds the object, or replaces the one of the same kind, namespace and name. */
  put(object: KubernetesObject, namespace = object.metadata.namespace ?? ''): void {
    const kind = groupKindOf(object);
    let namespaces = this.#objects.get(kind);
    if (namespaces === undefined) this.#objects.set(kind, (namespaces = new Map<string, ByName>()));
    let names = namespaces.get(namespace);
    if (names === undefined) namespaces.set(namespace, (names = new Map<string, KubernetesObject>()));
    names.set(object.metadata.name ?? '', object);
    this.#lists.delete(names);
  }

  delete(kind: GroupKind, namespace: string | undefined, name: string): void {
    const namespaces = this.#objects.get(kind);
    const names = namespaces?.get(namespace ?? '');
    if (names === undefined) return;
    names.delete(name);
    this.#lists.delete(names);
    // An emptied namespace leaves nothing behind: clusters make and drop namespaces for years.
    if (names.size === 0) namespaces?.delete(namespace ?? '');
  }
}
