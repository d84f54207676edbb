import { addEntries } from '../../kubernetes/add-entries.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import { hasIdentityOf } from '../../kubernetes/cloud-identity.ts';
import { own } from '../../kubernetes/fields.ts';
import { findServiceAccount, serviceAccountKind } from '../../kubernetes/service-account.ts';
import { workloadKinds } from '../../kubernetes/workload.ts';
import { defineCheck } from '../check.ts';
import { judgeAccount } from './account-identity.ts';
import { azureUse, judgePair, judgeTemplate, lacksAzureLabel, misplacedAnnotations } from './pod-identity.ts';
import { unseenIdentity } from './unseen-identity.ts';

interface Params {
  /** Clouds (`aws`, `azure`, `gcp`) that the cluster runs on; by the `providerID` of its nodes where the list is empty. */
  clouds: string[];
}

export const workloadIdentityConfig = defineCheck<Params>({
  id: 'identity/workload-identity-config',
  title: 'Cloud identities of pods are complete and well formed',
  why: 'the pods fall back to the identity of their node, or get none',
  prevents: [
    'AccessDenied … assumed-role/<role of the node>',
    'no EC2 IMDS role found',
    'WorkloadIdentityCredential authentication unavailable',
    'AADSTS70021, AADSTS700213',
    "Permission 'iam.serviceAccounts.getAccessToken' denied",
  ],
  remedy:
    'The ServiceAccount carries the annotation of its cloud, and no other object does. AKS also wants the label ' +
    'azure.workload.identity/use: "true" on the pods. EKS Pod Identity and direct principals on GKE need neither.',
  severity: 'high',
  kinds: [serviceAccountKind, ...workloadKinds],
  // Much is wrong on its own; `unknown` speaks up where the account would have to be seen.
  reads: { [serviceAccountKind]: 'none', 'apps/DaemonSet': 'none', 'core/Node': 'none' },
  params: {
    schema: {
      type: 'object',
      properties: { clouds: { type: 'array', items: { type: 'string', enum: ['aws', 'azure', 'gcp'] } } },
      required: [],
      additionalProperties: false,
    },
    defaults: { clouds: [] },
  },
  *evaluate(subject, { clouds }, view) {
    const { workload, groupKind, object, namespace } = subject;
    if (groupKind === serviceAccountKind) yield* judgeAccount(object);
    if (workload === undefined) return;
    yield* judgeTemplate(workload);
    const account = findServiceAccount(workload.template, namespace, view);
    yield* misplacedAnnotations(subject, workload, account);
    if (account !== undefined) yield* judgePair(workload, account);
    yield* unseenIdentity(subject, workload, account, clouds, view);
  },
  unknown({ workload, namespace }, _params, view) {
    if (workload === undefined || view.knows(serviceAccountKind) === 'all') return undefined;
    return findServiceAccount(workload.template, namespace, view) === undefined ? serviceAccountKind : undefined;
  },
  /** Not on a Pod: the webhook of AKS has been asked before ours, and selects by the label that was there then. */
  patch({ workload, object, namespace }, _params, view) {
    if (workload === undefined || workload.template.pointer === '') return [];
    const { template } = workload;
    const account = findServiceAccount(template, namespace, view);
    if (account === undefined || !hasIdentityOf(account, 'azure') || !lacksAzureLabel(template, account)) return [];
    if (own(template.labels, azureUse) !== undefined) return [];
    return addEntries(object, pointerTo(template.pointer, 'metadata', 'labels'), { [azureUse]: 'true' });
  },
});
