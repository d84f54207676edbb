import type { IdentityCloud } from '../../kubernetes/cloud-identity.ts';

/** How a ServiceAccount gets an identity of each cloud, as YAML to paste. */
export const identityWays: Readonly<Record<IdentityCloud, string>> = {
  aws: '# a Pod Identity association, or on the ServiceAccount:\nmetadata: {annotations: {eks.amazonaws.com/role-arn: "arn:aws:iam::<account>:role/<role>"}}',
  azure:
    '# on the ServiceAccount:\nmetadata: {annotations: {azure.workload.identity/client-id: "<client id>"}}\n' +
    '# and in the pod template:\nmetadata: {labels: {azure.workload.identity/use: "true"}}',
  gcp: '# roles for its principal, or on the ServiceAccount:\nmetadata: {annotations: {iam.gke.io/gcp-service-account: "<name>@<project>.iam.gserviceaccount.com"}}',
  alibaba: '# on the ServiceAccount:\nmetadata: {annotations: {pod-identity.alibabacloud.com/role-name: "<role>"}}',
};
