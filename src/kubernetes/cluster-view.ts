import type { GroupKind, KubernetesObject } from './object.ts';

/**
 * How much a view knows of a kind: `all` there is (a synced cache, or files given with --complete), `some` (files:
 * what is listed exists, what is not may exist too), or `none` (a cache not synced, or gone stale).
 */
export type Knowledge = 'none' | 'some' | 'all';

/** `{major: 1, minor: 36}`, from `/version` or `--kubernetes-version`. */
export interface ServerVersion {
  readonly major: number;
  readonly minor: number;
}

/**
 * What is known of the world around the object that is judged. Objects may be trimmed to the fields that checks read
 * (`watched-kinds.ts`), and are never changed in place.
 */
export interface ClusterView {
  readonly version: ServerVersion | undefined;
  knows(kind: GroupKind): Knowledge;
  /** The objects of a kind in a namespace; without a namespace those of a cluster-scoped kind. Empty for a kind that the cluster lacks. It may be the same list again as long as nothing has changed. */
  list(kind: GroupKind, namespace?: string): Iterable<KubernetesObject>;
  /** The objects of a kind in all namespaces, one after the other: for kinds of which a cluster has few. */
  all(kind: GroupKind): Iterable<KubernetesObject>;
  get(kind: GroupKind, namespace: string | undefined, name: string): KubernetesObject | undefined;
}

const rank = { none: 0, some: 1, all: 2 } as const satisfies Record<Knowledge, number>;

export function knowsAtLeast(view: ClusterView, kind: GroupKind, needed: Knowledge): boolean {
  return rank[view.knows(kind)] >= rank[needed];
}

/** The first kind of which the view does not hold everything. */
export function unseenKind(kinds: readonly GroupKind[], view: ClusterView): GroupKind | undefined {
  return kinds.find((kind) => view.knows(kind) !== 'all');
}
