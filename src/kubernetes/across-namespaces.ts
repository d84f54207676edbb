import type { ClusterView } from './cluster-view.ts';
import type { GroupKind, KubernetesObject } from './object.ts';

/** Where clusters keep what watches them. Files often leave such a Namespace out, since somebody else makes it. */
const usualNamespaces: readonly string[] = ['kube-system', 'monitoring', 'observability', 'logging', 'default'];

/**
 * The objects of a kind in every namespace that is known: those of which the view holds the Namespace, the usual ones, and the
 * asker's own.
 */
export function* acrossNamespaces(kind: GroupKind, view: ClusterView, own?: string): Iterable<KubernetesObject> {
  const namespaces = new Set(usualNamespaces);
  if (own !== undefined) namespaces.add(own);
  for (const { metadata } of view.list('core/Namespace')) namespaces.add(metadata.name ?? '');
  for (const namespace of namespaces) yield* view.list(kind, namespace);
}
