import type { ClusterView } from './cluster-view.ts';
import { at, list, text } from './fields.ts';
import { matchesSelector } from './label-selector.ts';
import type { GroupKind, KubernetesObject } from './object.ts';

export const roleKind: GroupKind = 'rbac.authorization.k8s.io/Role';
export const clusterRoleKind: GroupKind = 'rbac.authorization.k8s.io/ClusterRole';

/** One rule of a Role or ClusterRole. Source: rbac/v1 PolicyRule; what it says of URLs is left out. */
export interface AccessRule {
  readonly apiGroups: readonly string[];
  /** `pods`, `pods/exec`; `*` stands for all with all their subresources, and `*` before a slash for any resource. */
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** Empty where the rule is not limited to objects by name. */
  readonly resourceNames: readonly string[];
}

const writes: readonly string[] = ['create', 'update', 'patch', 'delete'];
const reads: readonly string[] = ['get', 'list', 'watch'];

/** The rules as written, in their order. */
export function readAccessRules(role: KubernetesObject): readonly AccessRule[] {
  return list(role['rules']).map((rule) => ({
    apiGroups: texts(at(rule, 'apiGroups')),
    resources: texts(at(rule, 'resources')),
    verbs: texts(at(rule, 'verbs')),
    resourceNames: texts(at(rule, 'resourceNames')),
  }));
}

/** With those of the ClusterRoles that it aggregates: in a cluster a controller has copied them in, in files nobody has. */
export function effectiveAccessRules(role: KubernetesObject, view: ClusterView): readonly AccessRule[] {
  const selectors = list(at(role, 'aggregationRule', 'clusterRoleSelectors'));
  if (selectors.length === 0) return readAccessRules(role);
  const parts = [...view.list(clusterRoleKind)].filter(
    ({ metadata }) =>
      metadata.name !== role.metadata.name &&
      selectors.some((selector) => matchesSelector(selector, metadata.labels ?? {}) === 'yes'),
  );
  return [role, ...parts].flatMap(readAccessRules);
}

/** @param resource with its subresource, `serviceaccounts/token` */
export function allows(rule: AccessRule, group: string, resource: string, verb: string): boolean {
  return holds(rule.verbs, verb) && holds(rule.apiGroups, group) && coversResource(rule.resources, resource);
}

/** Every verb on every resource of every group; to name all the verbs is to say `*`. */
export function allowsEverything(rule: AccessRule): boolean {
  return reachesEverything(rule) && [...reads, ...writes].every((verb) => holds(rule.verbs, verb));
}

/** Every resource of every group, whatever it may do to them. */
export function reachesEverything({ apiGroups, resources, resourceNames }: AccessRule): boolean {
  return apiGroups.includes('*') && resources.includes('*') && resourceNames.length === 0;
}

export function allowsWriting({ verbs }: AccessRule): boolean {
  return writes.some((verb) => holds(verbs, verb)) || verbs.includes('deletecollection');
}

function holds(values: readonly string[], value: string): boolean {
  return values.includes('*') || values.includes(value);
}

function coversResource(resources: readonly string[], resource: string): boolean {
  if (holds(resources, resource)) return true;
  const slash = resource.indexOf('/');
  return slash !== -1 && resources.includes(`*${resource.slice(slash)}`);
}

function texts(value: unknown): readonly string[] {
  return list(value).filter((one) => text(one) !== undefined) as readonly string[];
}
