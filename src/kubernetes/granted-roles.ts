import type { ClusterView } from './cluster-view.ts';
import type { GroupKind } from './object.ts';
import { clusterRoleBindingKind, readRoleBinding, roleBindingKind, userNameOf } from './role-binding.ts';

/** To be known in full before an account can be said to have no role. */
export const bindingKinds: readonly GroupKind[] = [clusterRoleBindingKind, roleBindingKind];

/** What every account may do in every cluster: ask what there is, and what it may do itself. */
const discovery: ReadonlySet<string> = new Set([
  'system:discovery',
  'system:basic-user',
  'system:public-info-viewer',
  'system:service-account-issuer-discovery',
]);

/** What OpenShift gives to groups of everyone besides. Bound to one account, it is a role that somebody wanted for it. */
const discoveryOfOpenShift: ReadonlySet<string> = new Set([
  'basic-user',
  'cluster-status',
  'console-extensions-reader',
  'helm-chartrepos-viewer',
  'self-access-reviewer',
  'system:build-strategy-docker',
  'system:build-strategy-jenkinspipeline',
  'system:build-strategy-source',
  'system:image-puller',
  'system:oauth-token-deleter',
  'system:openshift:discovery',
  'system:openshift:public-info-viewer',
  'system:openshift:scc:restricted-v2',
  'system:scope-impersonation',
  'system:webhook',
]);

/**
 * Names of the roles that a ServiceAccount has in its own namespace and in the whole cluster, by its name or by a group that it
 * is in, but for discovery. Roles in other namespaces are left out: to find them is to look through all of them.
 */
export function grantedRoles(namespace: string, account: string, view: ClusterView): readonly string[] {
  const user = userNameOf(namespace, account);
  const groups = new Set([`system:serviceaccounts:${namespace}`, 'system:serviceaccounts', 'system:authenticated']);
  const roles = new Set<string>();
  for (const object of [...view.list(clusterRoleBindingKind), ...view.list(roleBindingKind, namespace)]) {
    const { roleName, subjects } = readRoleBinding(object);
    if (discovery.has(roleName)) continue;
    const viaGroup = !discoveryOfOpenShift.has(roleName);
    if (subjects.some(({ name }) => name === user || (viaGroup && groups.has(name)))) roles.add(roleName);
  }
  return [...roles];
}
