import type { ClusterView } from './cluster-view.ts';
import { groupKindOf, type KubernetesObject } from './object.ts';

/** The view as it will be without the object: a deletion is judged before anything happens. */
export function withoutView(view: ClusterView, object: KubernetesObject, namespace: string | undefined): ClusterView {
  const kind = groupKindOf(object);
  const { name } = object.metadata;
  return {
    version: view.version,
    knows: (asked) => view.knows(asked),
    get: (asked, where, wanted) =>
      asked === kind && where === namespace && wanted === name ? undefined : view.get(asked, where, wanted),
    list: (asked, where) =>
      asked === kind && where === namespace ? others(view.list(asked, where), name) : view.list(asked, where),
  };
}

function* others(objects: Iterable<KubernetesObject>, name: string | undefined): Iterable<KubernetesObject> {
  for (const one of objects) if (one.metadata.name !== name) yield one;
}
