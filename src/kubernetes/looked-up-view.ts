import type { ClusterView } from './cluster-view.ts';
import type { GroupKind, KubernetesObject } from './object.ts';

/** What there is of a kind in a namespace, or, of the kind Namespace, the one of that name. */
export interface LookedUp {
  readonly kind: GroupKind;
  readonly namespace: string | undefined;
  readonly objects: readonly KubernetesObject[];
}

/** The view with what has just been looked up in the place of what it holds. */
export function lookedUpView(view: ClusterView, lookups: readonly LookedUp[]): ClusterView {
  const find = (kind: GroupKind, namespace: string | undefined): readonly KubernetesObject[] | undefined =>
    lookups.find((one) => one.kind === kind && one.namespace === namespace)?.objects;
  return {
    version: view.version,
    knows: (kind) => view.knows(kind),
    list: (kind, namespace) => find(kind, namespace) ?? view.list(kind, namespace),
    get(kind, namespace, name) {
      const objects = find(kind, kind === 'core/Namespace' ? name : namespace);
      return objects === undefined
        ? view.get(kind, namespace, name)
        : objects.find((one) => one.metadata.name === name);
    },
  };
}
