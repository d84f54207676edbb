import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { text } from '../../kubernetes/fields.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import type { PodTemplate } from '../../kubernetes/pod-template.ts';
import {
  defaultServiceAccount,
  findServiceAccount,
  serviceAccountKind,
  serviceAccountOf,
} from '../../kubernetes/service-account.ts';
import { workloadKinds } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';

export const serviceAccountExists = defineCheck<object>({
  id: 'identity/service-account-exists',
  title: 'ServiceAccounts that workloads name exist',
  why: 'the API server refuses every pod whose ServiceAccount does not exist, and only an event says so',
  prevents: ['FailedCreate: error looking up service account …: serviceaccount "…" not found'],
  remedy: 'Create the ServiceAccount in the namespace of the workload, or name one that exists there.',
  severity: 'medium',
  kinds: workloadKinds,
  // An account that is seen is enough for a pass; `unknown` speaks up for the rest.
  reads: { [serviceAccountKind]: 'none' },
  params: { schema: { type: 'object', properties: {}, required: [], additionalProperties: false }, defaults: {} },
  *evaluate(subject, _params, view) {
    const { workload } = subject;
    if (workload === undefined) return;
    yield* differingFields(workload.template);
    if (view.knows(serviceAccountKind) === 'all' && !isThere(workload.template, subject, view))
      yield notFound(workload.template, subject);
  },
  unknown(subject, _params, view) {
    const { workload } = subject;
    if (workload === undefined || view.knows(serviceAccountKind) === 'all') return undefined;
    return isThere(workload.template, subject, view) ? undefined : serviceAccountKind;
  },
});

/** The default account is made by the control plane, so that files need not bring it. */
function isThere(template: PodTemplate, { namespace }: CheckSubject, view: ClusterView): boolean {
  return (
    serviceAccountOf(template) === defaultServiceAccount || findServiceAccount(template, namespace, view) !== undefined
  );
}

function notFound(template: PodTemplate, { namespace }: CheckSubject): Finding {
  const name = serviceAccountOf(template);
  const place = namespace === undefined ? '' : `, namespace: ${namespace}`;
  return {
    identity: `not-found/${name}`,
    path: pathOf(template, text(template.spec['serviceAccountName']) ? 'serviceAccountName' : 'serviceAccount'),
    message: `there is no ServiceAccount ${name.slice(0, 63)} in the namespace`,
    why: 'until there is one, the API server refuses every new pod of it (FailedCreate)',
    fix:
      'Create the ServiceAccount, or set serviceAccountName to one that exists:\n' +
      `apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: ${name}${place}}`,
    atMost: 'Warn',
    pending: true,
  };
}

/** Only a file can show both: the API server writes the value of the current field into the former one. */
function* differingFields(template: PodTemplate): Iterable<Finding> {
  const current = text(template.spec['serviceAccountName']);
  const former = text(template.spec['serviceAccount']);
  if (!current || !former || current === former) return;
  yield {
    identity: 'fields-differ',
    path: pathOf(template, 'serviceAccount'),
    message: `serviceAccount ${former.slice(0, 40)} differs from serviceAccountName ${current.slice(0, 40)}`,
    why: 'the former field is ignored, and whoever reads it takes the pods to have other rights than they do',
    fix: 'Remove serviceAccount, the former name of the field, and keep serviceAccountName',
    atMost: 'Warn',
  };
}

function pathOf({ pointer }: PodTemplate, field: string): string {
  return pointerTo(pointer, 'spec', field);
}
