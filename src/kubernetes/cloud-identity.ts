import type { ClusterView } from './cluster-view.ts';
import { at, fields, list, text } from './fields.ts';
import { annotationOf, type KubernetesObject } from './object.ts';
import type { PodTemplate } from './pod-template.ts';

/** Clouds whose identities a ServiceAccount can be given. */
export type IdentityCloud = 'aws' | 'azure' | 'gcp' | 'alibaba';

/**
 * Where a ServiceAccount names its cloud identity. EKS Pod Identity and direct principals on GKE leave no trace on it.
 * Sources: amazon-eks-pod-identity-webhook, azure-workload-identity, GKE and ACK documentation.
 */
export const identityAnnotations: Readonly<Record<IdentityCloud, string>> = {
  aws: 'eks.amazonaws.com/role-arn',
  azure: 'azure.workload.identity/client-id',
  gcp: 'iam.gke.io/gcp-service-account',
  alibaba: 'pod-identity.alibabacloud.com/role-name',
};

export const identityClouds = Object.keys(identityAnnotations) as readonly IdentityCloud[];

export function hasIdentityOf(account: KubernetesObject | undefined, cloud: IdentityCloud): boolean {
  return account !== undefined && Boolean(annotationOf(account, identityAnnotations[cloud])?.trim());
}

/** What the webhooks of the clouds put into a Pod, which an author may also write out. */
export const federationVariables: ReadonlyMap<string, IdentityCloud> = new Map([
  ['AWS_WEB_IDENTITY_TOKEN_FILE', 'aws'],
  ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'aws'],
  ['AZURE_FEDERATED_TOKEN_FILE', 'azure'],
  ['ALIBABA_CLOUD_OIDC_TOKEN_FILE', 'alibaba'],
]);

/** Clouds to whose identity a container of the pods is pointed by its environment. */
export function federatedClouds({ containers }: PodTemplate): ReadonlySet<IdentityCloud> {
  const found = new Set<IdentityCloud>();
  for (const { container } of containers)
    for (const variable of list(container.env)) {
      const cloud = federationVariables.get(text(at(variable, 'name')) ?? '');
      if (cloud !== undefined) found.add(cloud);
    }
  return found;
}

/** The cloud that the nodes run on, by the `providerID` of one (`aws:///eu-west-1a/i-0abc`); undefined where none is known. */
export function providerOf(view: ClusterView): string | undefined {
  for (const node of view.list('core/Node')) {
    const provider = text(fields(node['spec'])['providerID'])?.split(':', 1)[0];
    if (provider) return provider === 'gce' ? 'gcp' : provider;
  }
  return undefined;
}
