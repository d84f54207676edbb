import type { ClusterView } from './cluster-view.ts';
import type { GroupKind, KubernetesObject } from './object.ts';

/** What there is of a kind in a namespace, or, of the kind Namespace, the one of that name. */
export interface LookedUp {
  readonly kind: GroupKind;
  readonly namespace: string | undefined;
  /** Where only the object of that name was looked up: `objects` holds it, or nothing. */
  readonly name?: string;
  readonly objects: readonly KubernetesObject[];
}

/** The view with what has just been looked up in the place of what it holds. */
export function lookedUpView(view: ClusterView, lookups: readonly LookedUp[]): ClusterView {
  const find = (kind: GroupKind, namespace: string | undefined): readonly KubernetesObject[] | undefined =>
    lookups.find((one) => one.kind === kind && one.namespace === namespace && one.name === undefined)?.objects;
  const named = (kind: GroupKind, namespace: string | undefined): readonly LookedUp[] =>
    lookups.filter((one) => one.kind === kind && one.namespace === namespace && one.name !== undefined);
  return {
    version: view.version,
    knows: (kind) => view.knows(kind),
    list(kind, namespace) {
      const whole = find(kind, namespace) ?? view.list(kind, namespace);
      const single = named(kind, namespace);
      if (single.length === 0) return whole;
      const others = [...whole].filter(({ metadata }) => !single.some(({ name }) => name === metadata.name));
      return [...others, ...single.flatMap(({ objects }) => objects)];
    },
    get(kind, namespace, name) {
      const single = named(kind, namespace).find((one) => one.name === name);
      if (single !== undefined) return single.objects[0];
      const objects = find(kind, kind === 'core/Namespace' ? name : namespace);
      return objects === undefined
        ? view.get(kind, namespace, name)
        : objects.find((one) => one.metadata.name === name);
    },
  };
}
