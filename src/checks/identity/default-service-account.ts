import { hasIdentityOf, identityAnnotations, identityClouds } from '../../kubernetes/cloud-identity.ts';
import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { list } from '../../kubernetes/fields.ts';
import { bindingKinds, grantedRoles } from '../../kubernetes/granted-roles.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import { managedFieldsOf } from '../../kubernetes/managed-fields.ts';
import { enumerate } from '../../kubernetes/named-objects.ts';
import { annotationOf, labelOf } from '../../kubernetes/object.ts';
import {
  defaultServiceAccount as defaultName,
  serviceAccountKind,
  serviceAccountOf,
} from '../../kubernetes/service-account.ts';
import { type Workload, workloadKinds } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';

export const defaultServiceAccount = defineCheck<object>({
  id: 'identity/default-service-account',
  title: 'Workloads have a ServiceAccount of their own',
  why: 'what one workload of the namespace is allowed one day, every other one that names no account is allowed too',
  prevents: [
    'a right that was given to one workload and used through another',
    'audit logs that cannot tell workloads apart',
  ],
  remedy: 'Create a ServiceAccount for the workload and name it in serviceAccountName.',
  severity: 'low',
  kinds: workloadKinds,
  reads: Object.fromEntries([serviceAccountKind, ...bindingKinds].map((kind) => [kind, 'none'])),
  params: { schema: { type: 'object', properties: {}, required: [], additionalProperties: false }, defaults: {} },
  *evaluate(subject, _params, view) {
    const { workload } = subject;
    if (workload === undefined || serviceAccountOf(workload.template) !== defaultName) return;
    if (!isByHand(subject)) yield describe(workload, subject.namespace ?? 'default', view);
  },
});

function describe(workload: Workload, namespace: string, view: ClusterView): Finding {
  const { template } = workload;
  const account = view.get(serviceAccountKind, namespace, defaultName);
  const roles = grantedRoles(namespace, defaultName, view);
  const cloud = identityClouds.find((one) => hasIdentityOf(account, one));
  const pulls = list(account?.['imagePullSecrets']).length > 0;
  const mounts = template.spec['automountServiceAccountToken'] ?? account?.['automountServiceAccountToken'] ?? true;
  let holds: string | undefined;
  if (roles.length > 0) holds = `the ${roles.length === 1 ? 'role' : 'roles'} ${enumerate(roles.map(short))}`;
  else if (cloud !== undefined) holds = `the identity in ${identityAnnotations[cloud]}`;
  else if (pulls) holds = 'imagePullSecrets';
  const harmless = holds === undefined && mounts === false && bindingKinds.every((kind) => view.knows(kind) === 'all');
  return {
    identity: 'service-account',
    path: pointerTo(template.pointer, 'spec', 'serviceAccountName'),
    message: `runs as ServiceAccount default${holds === undefined ? '' : `, which has ${holds}`}`,
    ...(harmless && {
      why: 'it has no token and no role today, but a role that somebody gives it later reaches this workload too',
    }),
    fix: fixFor(workload, namespace),
    severity: holds !== undefined ? 'high' : harmless ? 'info' : 'low',
    atMost: 'Warn',
  };
}

function short(role: string): string {
  return role.slice(0, 30);
}

function fixFor({ name, template }: Workload, namespace: string): string {
  const account = name.replace(/-$/, '');
  const where = template.pointer === '' ? 'the Pod' : 'the pod template';
  return (
    `Set serviceAccountName: ${account} in the spec of ${where}, and create it first:\napiVersion: v1\nkind: ServiceAccount\n` +
    `metadata: {name: ${account}, namespace: ${namespace}}\nautomountServiceAccountToken: false # true if it calls the API server`
  );
}

/** Made with `kubectl create job` or `kubectl debug`, for once. */
function isByHand({ object, groupKind }: CheckSubject): boolean {
  if (labelOf(object, 'app.kubernetes.io/managed-by') === 'kubectl-debug') return true;
  if (annotationOf(object, 'cronjob.kubernetes.io/instantiate') === 'manual') return true;
  return groupKind === 'batch/Job' && managedFieldsOf(object).some(({ manager }) => manager === 'kubectl-create');
}
