import { clusterRoleKind, effectiveAccessRules } from '../../kubernetes/access-rule.ts';
import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { escalationOf, everything } from '../../kubernetes/escalation.ts';
import { flowYaml } from '../../kubernetes/flow-yaml.ts';
import { labelOf } from '../../kubernetes/object.ts';
import {
  type BoundSubject,
  clusterRoleBindingKind,
  readRoleBinding,
  type RoleBinding,
  roleBindingKind,
  userNameOf,
} from '../../kubernetes/role-binding.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { askToAllow } from '../ask-to-allow.ts';
import { fitsPattern } from '../name-pattern.ts';

interface Params {
  /** Groups of administrators; `*` stands for anything. */
  allowedGroups: string[];
  /** Users, and ServiceAccounts as `system:serviceaccount:<namespace>:<name>`. */
  allowedSubjects: string[];
  /** Users and groups that nobody can mean: everyone, every pod, every node. They come before those allowed. */
  forbiddenSubjects: string[];
  /** Refuse everyone who is on neither list, too. */
  denyUnlisted: boolean;
}

const names = { type: 'array', items: { type: 'string' } } as const;

export const clusterAdminBinding = defineCheck<Params>({
  id: 'identity/cluster-admin-binding',
  title: 'Nobody by accident is cluster-admin',
  why: 'whoever holds one token of it owns every namespace, every Secret and every node',
  prevents: [
    'one compromised pod or leaked token that is the whole cluster',
    'changes in all namespaces by a pipeline of one',
  ],
  remedy:
    'Bind a Role with the verbs and resources that are used, in the namespaces where they are used. Real administrators ' +
    'belong in a group named in allowedGroups, controllers that need everything in allowedSubjects.',
  severity: 'critical',
  kinds: [clusterRoleBindingKind, roleBindingKind],
  reads: { [clusterRoleKind]: 'none' },
  params: {
    schema: {
      type: 'object',
      properties: {
        allowedGroups: names,
        allowedSubjects: names,
        forbiddenSubjects: names,
        denyUnlisted: { type: 'boolean' },
      },
      required: [],
      additionalProperties: false,
    },
    defaults: {
      allowedGroups: ['system:masters', 'kubeadm:cluster-admins', 'system:cluster-admins', 'oidc:platform-admins'],
      // OpenShift, AKS and EKS bind these themselves.
      allowedSubjects: ['system:admin', 'clusterAdmin', 'aks-support', 'eks:*'],
      forbiddenSubjects: [
        'system:authenticated',
        'system:unauthenticated',
        'system:anonymous',
        'system:serviceaccounts',
        'system:serviceaccounts:*',
        // The Node authorizer knows what a node may do; the binding system:node has no subjects.
        'system:nodes',
        'system:node:*',
        'system:serviceaccount:*:default',
      ],
      denyUnlisted: false,
    },
  },
  *evaluate(subject, params, view) {
    const binding = readRoleBinding(subject.object, subject.namespace);
    if (binding.subjects.length === 0) return;
    const power = powerOf(binding, view);
    if (power === undefined) return;
    const reach = reachOf(subject);
    // What the other powers are over lies outside of namespaces.
    if (reach !== undefined && power !== everything) return;
    const scene = { binding, power, reach, params };
    // Who is given it by this very request; roleRef cannot be changed.
    const before = namesIn(subject);
    for (const who of binding.subjects) {
      if (!before.has(identityOf(who)) && !isAllowed(who, subject, scene)) yield describe(who, scene);
    }
  },
  unknown({ object }, _params, view) {
    const { roleKind, roleName, subjects } = readRoleBinding(object);
    if (subjects.length === 0 || roleKind !== 'ClusterRole') return undefined;
    const unseen =
      view.knows(clusterRoleKind) !== 'all' && view.get(clusterRoleKind, undefined, roleName) === undefined;
    return unseen && roleName !== clusterAdmin ? clusterRoleKind : undefined;
  },
});

interface Scene {
  readonly binding: RoleBinding;
  /** What the role allows, as in `may …`. */
  readonly power: string;
  /** The namespace in which alone it counts; undefined for the whole cluster. */
  readonly reach: string | undefined;
  readonly params: Params;
}

const clusterAdmin = 'cluster-admin';

/** A role that is not there yet gives nothing yet. */
function powerOf({ roleKind, roleName }: RoleBinding, view: ClusterView): string | undefined {
  if (roleKind !== 'ClusterRole') return undefined;
  if (roleName === clusterAdmin) return everything;
  const role = view.get(clusterRoleKind, undefined, roleName);
  return role === undefined ? undefined : escalationOf(effectiveAccessRules(role, view));
}

/** Who rules kube-system rules the cluster: its controllers' tokens lie there. */
function reachOf({ groupKind, namespace }: CheckSubject): string | undefined {
  return groupKind === clusterRoleBindingKind || namespace === 'kube-system' ? undefined : (namespace ?? 'default');
}

function namesIn({ oldObject, namespace }: CheckSubject): ReadonlySet<string> {
  return new Set(oldObject === undefined ? [] : readRoleBinding(oldObject, namespace).subjects.map(identityOf));
}

function identityOf({ kind, name }: BoundSubject): string {
  return `subject/${kind}/${name}`;
}

function isAllowed(who: BoundSubject, { object }: CheckSubject, { binding, power, params }: Scene): boolean {
  if (isForbidden(who, params)) return false;
  const allowed = who.kind === 'Group' ? params.allowedGroups : params.allowedSubjects;
  if (allowed.some((pattern) => fitsPattern(who.name, pattern))) return true;
  const { name } = object.metadata;
  // On AKS the administrators' group of the directory, by its id.
  if (name === 'aks-cluster-admin-binding-aad') return who.kind === 'Group' && directoryId.test(who.name);
  if (labelOf(object, 'addonmanager.kubernetes.io/mode') !== undefined)
    return fitsPattern(who.name, userNameOf('kube-system', '*')) && !who.name.endsWith(':tiller');
  return power !== everything && isBootstrap(name, who, binding);
}

const directoryId = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/**
 * The bindings of the control plane's own parts. A name alone is no proof, since anyone may call his binding `system:evil`:
 * name, role and subject must all be of the same part.
 */
function isBootstrap(name: string | undefined, who: BoundSubject, { roleName }: RoleBinding): boolean {
  if (name !== roleName || !roleName.startsWith('system:')) return false;
  const part = roleName.slice('system:controller:'.length);
  return (
    who.name === roleName || (roleName.startsWith('system:controller:') && who.name === userNameOf('kube-system', part))
  );
}

function isForbidden({ name }: BoundSubject, { forbiddenSubjects }: Params): boolean {
  return forbiddenSubjects.some((pattern) => fitsPattern(name, pattern));
}

function describe(who: BoundSubject, scene: Scene): Finding {
  const forbidden = isForbidden(who, scene.params);
  const { binding, power, reach } = scene;
  return {
    identity: identityOf(who),
    path: who.pointer,
    message: `${who.words} may ${power} ${reach === undefined ? 'in the cluster' : `in ${reach}`} as ${binding.roleName}`,
    why: `${holderOf(who)} ${reach === undefined ? 'owns every namespace, every Secret and every node' : 'can read every Secret and run any pod of the namespace'}`,
    fix: fixFor(who, forbidden, scene),
    severity: severityOf(who, forbidden, scene),
    ...ceiling(forbidden, scene),
  };
}

/** In a namespace it is what many pipelines have; short of everything, it is what many operators need. */
function ceiling(forbidden: boolean, { power, reach, params }: Scene): Pick<Finding, 'atMost'> {
  if (reach !== undefined) return { atMost: forbidden ? 'Warn' : 'Audit' };
  if (power !== everything) return { atMost: 'Warn' };
  return forbidden || params.denyUnlisted ? {} : { atMost: 'Warn' };
}

function severityOf(who: BoundSubject, forbidden: boolean, { power, reach }: Scene): NonNullable<Finding['severity']> {
  if (forbidden) return reach === undefined && power === everything ? 'critical' : 'high';
  if (power !== everything || reach !== undefined || who.kind !== 'ServiceAccount') return 'medium';
  return isDeliverer(who) ? 'medium' : 'high';
}

/** What rolls out whole clusters, and the cluster's own. Helm 2's tiller took orders from everyone. */
function isDeliverer({ name }: BoundSubject): boolean {
  const [, , namespace = '', account = ''] = name.split(':');
  if (account === 'tiller') return false;
  return (
    /^(kustomize-controller|helm-controller|argocd-application-controller)$/.test(account) ||
    /^(kube|openshift|gke)-/.test(namespace)
  );
}

/** Groups have no token, and whoever is anonymous needs none. */
function holderOf({ kind, name }: BoundSubject): string {
  if (name === 'system:anonymous' || name === 'system:unauthenticated')
    return 'anyone who reaches the API server, without a login,';
  return kind === 'Group' ? 'every member of it' : 'whoever holds one token of it';
}

/** What a roleRef names cannot be changed, so another binding it must be. */
function fixFor(who: BoundSubject, forbidden: boolean, { binding, reach }: Scene): string {
  const first =
    binding.subjects.length === 1 ? 'Delete this binding' : `Take ${who.kind} ${shortNameOf(who)} out of this binding`;
  const namespace = reach ?? '<namespace>';
  if (forbidden)
    return `${first}, and give the one ServiceAccount that needs it a narrow Role:\n${narrowRole(namespace, '{kind: ServiceAccount, name: <name>}')}`;
  const where = reach === undefined ? 'in each namespace where it works' : `in ${reach}`;
  const list = who.kind === 'Group' ? 'allowedGroups' : 'allowedSubjects';
  const narrow = narrowRole(namespace, entryOf(who));
  return `${first}, and bind a narrow Role ${where}:\n${narrow}\nOr ${askToAllow(JSON.stringify(who.name), list)}`;
}

function shortNameOf({ kind, name }: BoundSubject): string {
  return kind === 'ServiceAccount' ? name.slice(name.lastIndexOf(':') + 1) : name;
}

/** The subject as a RoleBinding has it. */
function entryOf(who: BoundSubject): string {
  const { kind, name } = who;
  return flowYaml(
    kind === 'ServiceAccount'
      ? { kind, name: shortNameOf(who), namespace: name.split(':')[2] }
      : { kind, name, apiGroup: 'rbac.authorization.k8s.io' },
  );
}

function narrowRole(namespace: string, subject: string): string {
  return `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: deployer, namespace: ${namespace}}
rules:   # example: what it really uses
  - apiGroups: [apps]
    resources: [deployments]
    verbs: [get, list, watch, create, update, patch]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: deployer, namespace: ${namespace}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: deployer}
subjects: [${subject}]`;
}
