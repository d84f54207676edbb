import { at, fields, list, text } from './fields.ts';
import type { GroupKind, KubernetesObject } from './object.ts';

export const roleBindingKind: GroupKind = 'rbac.authorization.k8s.io/RoleBinding';
export const clusterRoleBindingKind: GroupKind = 'rbac.authorization.k8s.io/ClusterRoleBinding';

/** Someone who is given a role. */
export interface BoundSubject {
  readonly kind: 'User' | 'Group' | 'ServiceAccount';
  /** As the API server authenticates it: `system:serviceaccount:shop:web` for the ServiceAccount web. */
  readonly name: string;
  /** `ServiceAccount web in shop`, `Group team-a`. */
  readonly words: string;
  /** JSON Pointer into the binding. */
  readonly pointer: string;
}

/** A RoleBinding or ClusterRoleBinding. Source: rbac/v1. */
export interface RoleBinding {
  readonly roleKind: string;
  readonly roleName: string;
  readonly subjects: readonly BoundSubject[];
}

/** @param namespace that of a RoleBinding, for a ServiceAccount without one of its own; the API server refuses those in a ClusterRoleBinding */
export function readRoleBinding(object: KubernetesObject, namespace = object.metadata.namespace): RoleBinding {
  return {
    roleKind: text(at(object, 'roleRef', 'kind')) ?? '',
    roleName: text(at(object, 'roleRef', 'name')) ?? '',
    subjects: list(object['subjects']).flatMap((subject, index) => readSubject(subject, index, namespace)),
  };
}

/** The name by which a ServiceAccount is known once it is authenticated. */
export function userNameOf(namespace: string, serviceAccount: string): string {
  return `system:serviceaccount:${namespace}:${serviceAccount}`;
}

function readSubject(subject: unknown, index: number, fallback: string | undefined): readonly BoundSubject[] {
  const { kind, name, namespace } = fields(subject);
  const pointer = `/subjects/${index}`;
  if (typeof name !== 'string') return [];
  if (kind === 'User' || kind === 'Group') return [{ kind, name, words: `${kind} ${name}`, pointer }];
  if (kind !== 'ServiceAccount') return [];
  const home = text(namespace) ?? fallback ?? 'default';
  return [{ kind, name: userNameOf(home, name), words: `ServiceAccount ${name} of ${home}`, pointer }];
}
