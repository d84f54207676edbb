import type { ClusterView } from './cluster-view.ts';
import { type GroupKind, groupKindOf, type KubernetesObject } from './object.ts';

/** What there is, whatever a view holds: all of a kind in a namespace (of the kind Namespace the one of that name), or one object. */
export interface Revision {
  readonly kind: GroupKind;
  readonly namespace: string | undefined;
  /** Where it is about one object alone: `objects` holds it, or nothing. */
  readonly name?: string;
  readonly objects: readonly KubernetesObject[];
}

/**
 * The view as it will be with the object in it: a request is judged before anything of it is stored, so the view holds
 * its former state, or none.
 */
export function viewWith(view: ClusterView, object: KubernetesObject, namespace: string | undefined): ClusterView {
  return revisedView(view, [revision(object, namespace, [object])]);
}

/** The view as it will be without the object: a deletion is judged before anything happens. */
export function viewWithout(view: ClusterView, object: KubernetesObject, namespace: string | undefined): ClusterView {
  return revisedView(view, [revision(object, namespace, [])]);
}

function revision(
  object: KubernetesObject,
  namespace: string | undefined,
  objects: readonly KubernetesObject[],
): Revision {
  // One that the API server has yet to name replaces nothing.
  return { kind: groupKindOf(object), namespace, name: object.metadata.name ?? '', objects };
}

/** The view with these in the place of what it holds. */
export function revisedView(view: ClusterView, revisions: readonly Revision[]): ClusterView {
  return {
    version: view.version,
    knows: (kind) => view.knows(kind),
    list(kind, namespace) {
      const here = revisions.filter((one) => one.kind === kind && one.namespace === namespace);
      return here.length === 0
        ? view.list(kind, namespace)
        : revised(view.list(kind, namespace), here, () => namespace);
    },
    all(kind) {
      const here = revisions.filter((one) => one.kind === kind);
      return here.length === 0 ? view.all(kind) : revised(view.all(kind), here, namespaceOf);
    },
    get(kind, namespace, name) {
      const where = kind === 'core/Namespace' ? name : namespace;
      const here = revisions.filter((one) => one.kind === kind && covers(one, where, name));
      if (here.length === 0) return view.get(kind, namespace, name);
      return here.flatMap(({ objects }) => objects).find(({ metadata }) => metadata.name === name);
    },
  };
}

function* revised(
  objects: Iterable<KubernetesObject>,
  revisions: readonly Revision[],
  namespaceIn: (object: KubernetesObject) => string | undefined,
): Iterable<KubernetesObject> {
  for (const object of objects) {
    const isOld = revisions.some((one) => covers(one, namespaceIn(object), object.metadata.name));
    if (!isOld) yield object;
  }
  for (const one of revisions) yield* one.objects;
}

function covers(one: Revision, namespace: string | undefined, name: string | undefined): boolean {
  return one.name === undefined ? one.namespace === namespace : one.name === name && one.namespace === namespace;
}

/** A Namespace is looked up as what is in it. */
function namespaceOf({ kind, metadata }: KubernetesObject): string | undefined {
  return kind === 'Namespace' ? metadata.name : metadata.namespace;
}
