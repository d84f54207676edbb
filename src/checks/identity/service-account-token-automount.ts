import { type ClusterView, unseenKind } from '../../kubernetes/cluster-view.ts';
import { bindingKinds, grantedRoles } from '../../kubernetes/granted-roles.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import type { GroupKind } from '../../kubernetes/object.ts';
import type { PodTemplate } from '../../kubernetes/pod-template.ts';
import { findServiceAccount, serviceAccountKind, serviceAccountOf } from '../../kubernetes/service-account.ts';
import { workloadKinds } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck } from '../check.ts';

export const serviceAccountTokenAutomount = defineCheck<object>({
  id: 'identity/service-account-token-automount',
  title: 'Pods without business at the API server get no token',
  why: 'whoever breaks into the container speaks to the API server with it, and has every right that the account is given later',
  prevents: ['a token stolen from a web server that never needed one'],
  remedy:
    'Set automountServiceAccountToken: false on the pod template or the ServiceAccount, unless the pod calls the API server. ' +
    'Cloud identities (IRSA, Pod Identity, Workload Identity) do not need that token.',
  severity: 'low',
  kinds: workloadKinds,
  // What the pod or its account says is enough for a pass; `unknown` speaks up for the rest.
  reads: Object.fromEntries([serviceAccountKind, ...bindingKinds].map((kind) => [kind, 'none'])),
  params: { schema: { type: 'object', properties: {}, required: [], additionalProperties: false }, defaults: {} },
  *evaluate(subject, _params, view) {
    const { workload, namespace = 'default' } = subject;
    if (workload === undefined || isAnswered(subject, view) || unknownKind(subject, view) !== undefined) return;
    const { template } = workload;
    const account = serviceAccountOf(template);
    if (grantedRoles(namespace, account, view).length > 0) return;
    yield {
      identity: 'automount',
      path: pointerTo(template.pointer, 'spec', 'automountServiceAccountToken'),
      message: `gets a token of ServiceAccount ${account.slice(0, 40)}, which has no role here or cluster-wide`,
      fix:
        `Leave the token out, unless the pod calls the API server or logs in with it (Vault, TokenReview):\n` +
        `${template.pointer === '' ? 'spec:' : '# in the pod template\nspec:'}\n  automountServiceAccountToken: false`,
      // No role is no proof that nothing uses the token.
      atMost: 'Warn',
    };
  },
  unknown(subject, _params, view) {
    return isAnswered(subject, view) ? undefined : unknownKind(subject, view);
  },
});

/** Whether it is plain without a look at roles that there is nothing to say. */
function isAnswered({ workload, namespace }: CheckSubject, view: ClusterView): boolean {
  return workload === undefined || !mounts(workload.template, namespace, view) || logsInWithIt(workload.template);
}

/** The pod wins over its account, and where neither says anything there is a token. */
function mounts(template: PodTemplate, namespace: string | undefined, view: ClusterView): boolean {
  const own = template.spec['automountServiceAccountToken'];
  if (typeof own === 'boolean') return own;
  return findServiceAccount(template, namespace, view)?.['automountServiceAccountToken'] !== false;
}

/** Agents that are injected log in with the mounted token, which takes no role. */
function logsInWithIt({ annotations }: PodTemplate): boolean {
  return annotations['vault.hashicorp.com/agent-inject'] === 'true';
}

function unknownKind({ workload, namespace }: CheckSubject, view: ClusterView): GroupKind | undefined {
  if (workload === undefined) return undefined;
  const { template } = workload;
  const said = typeof template.spec['automountServiceAccountToken'] === 'boolean';
  const seen = said || findServiceAccount(template, namespace, view) !== undefined;
  if (!seen && view.knows(serviceAccountKind) !== 'all') return serviceAccountKind;
  return unseenKind(bindingKinds, view);
}
