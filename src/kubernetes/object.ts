import { list, text, type Fields, fields } from './fields.ts';
import type { DeferredManagedFields } from './managed-fields.ts';

/** `metadata` as the API server sends it; times are RFC 3339 strings. Source: meta/v1 ObjectMeta. */
export interface ObjectMeta {
  readonly name?: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  /** Counts the changes of what is wanted; a status does not count. */
  readonly generation?: number;
  readonly creationTimestamp?: string | null;
  readonly deletionTimestamp?: string | null;
  readonly labels?: Readonly<Record<string, string>> | null;
  readonly annotations?: Readonly<Record<string, string>> | null;
  readonly ownerReferences?: readonly OwnerReference[] | null;
  readonly finalizers?: readonly string[] | null;
  /** Read with `managed-fields.ts`. */
  readonly managedFields?: readonly Fields[] | DeferredManagedFields | null;
}

/** Source: meta/v1 OwnerReference. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
}

/** Any object of the API as plain data. Only these three fields can be relied on: read the rest with `fields.ts`. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** Kind with its API group, `apps/Deployment`; the core group is written out: `core/Pod`. Versions do not matter to a check. */
export type GroupKind = `${string}/${string}`;

export function groupKindOf({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): GroupKind {
  if (latest.apiVersion !== apiVersion || latest.kind !== kind)
    latest = { apiVersion, kind, groupKind: groupKind(groupOf(apiVersion), kind) };
  return latest.groupKind;
}

/** Objects of a kind come in a row, and each is asked several times; a string that is there already need not be made and hashed. */
let latest: { readonly apiVersion: string; readonly kind: string; readonly groupKind: GroupKind } = {
  apiVersion: '',
  kind: '',
  groupKind: 'core/',
};

/** @param group the API group, empty for the core group as on the wire */
export function groupKind(group: string, kind: string): GroupKind {
  return `${group === '' ? 'core' : group}/${kind}`;
}

/** The kind without its group, as the wire has it: `Deployment`. */
export function kindOf(groupKind: GroupKind): string {
  return groupKind.slice(groupKind.indexOf('/') + 1);
}

/** The group in `apps/v1`; empty for the core group's `v1`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? '' : apiVersion.slice(0, slash);
}

/** The label's value, or undefined where the label or the map is missing. */
export function labelOf(object: { readonly metadata: ObjectMeta }, key: string): string | undefined {
  return ownText(object.metadata.labels, key);
}

export function annotationOf(object: { readonly metadata: ObjectMeta }, key: string): string | undefined {
  return ownText(object.metadata.annotations, key);
}

/** The owner that manages the object (`controller: true`); at most one exists. Anyone can write one: it proves nothing. */
export function controllerOf(object: { readonly metadata: ObjectMeta }): OwnerReference | undefined {
  for (const owner of list(object.metadata.ownerReferences)) {
    if (fields(owner)['controller'] === true) return owner as OwnerReference;
  }
  return undefined;
}

/** Whether it goes with another object, and as a rule was made by whoever made that. */
export function hasOwner({ metadata }: { readonly metadata: ObjectMeta }): boolean {
  return list(metadata.ownerReferences).length > 0;
}

function ownText(map: Readonly<Record<string, string>> | null | undefined, key: string): string | undefined {
  return map && Object.hasOwn(map, key) ? text(map[key]) : undefined;
}

/** Whether the group is one of custom resources, a domain name; those of the API itself have no dot, or end in k8s.io. */
export function isCustomGroup(group: string): boolean {
  return group.includes('.') && !group.endsWith('.k8s.io');
}

/** The annotations by which Helm and Argo CD know what they run once, before or after a release, and then delete. */
export const hookAnnotations = ['helm.sh/hook', 'argocd.argoproj.io/hook'] as const;

export function isHook(object: KubernetesObject): boolean {
  return hookAnnotations.some((key) => annotationOf(object, key) !== undefined);
}
