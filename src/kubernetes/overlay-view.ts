import type { ClusterView } from './cluster-view.ts';
import { groupKindOf, type KubernetesObject } from './object.ts';

/**
 * The view as it will be with the object in it: a request is judged before anything of it is stored, so the view holds
 * its former state, or none.
 */
export function overlayView(view: ClusterView, object: KubernetesObject, namespace: string | undefined): ClusterView {
  const kind = groupKindOf(object);
  const { name } = object.metadata;
  return {
    version: view.version,
    knows: (asked) => view.knows(asked),
    get: (asked, where, wanted) =>
      asked === kind && where === namespace && wanted === name ? object : view.get(asked, where, wanted),
    list: (asked, where) =>
      asked === kind && where === namespace ? replaced(view.list(asked, where), object) : view.list(asked, where),
  };
}

function* replaced(objects: Iterable<KubernetesObject>, object: KubernetesObject): Iterable<KubernetesObject> {
  for (const one of objects) if (one.metadata.name !== object.metadata.name) yield one;
  yield object;
}
