import { providerOf } from '../../kubernetes/cloud-identity.ts';
import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { at, list, text } from '../../kubernetes/fields.ts';
import { parseImageReference } from '../../kubernetes/image-reference.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import { hasOwner } from '../../kubernetes/object.ts';
import type { PodTemplate } from '../../kubernetes/pod-template.ts';
import { findServiceAccount, serviceAccountKind } from '../../kubernetes/service-account.ts';
import { type Workload, workloadKinds } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { isStoreManaged } from './credentials/secret-keeper.ts';
import { pullSecretTypes, type RegistryLogin, registryLogins } from './registry-logins.ts';

interface Params {
  /** Clouds (`aws`, `azure`, `gcp`) that the cluster runs on; by the `providerID` of its nodes where the list is empty. */
  clouds: string[];
}

interface Registry {
  readonly cloud: string;
  readonly name: string;
  readonly host: RegExp;
}

/** Registries that their clouds let nodes pull from without a secret. */
const registries: readonly Registry[] = [
  { cloud: 'aws', name: 'ECR', host: /\.dkr\.ecr(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?$/ },
  { cloud: 'azure', name: 'ACR', host: /\.azurecr\.(?:io|cn|us)$/ },
  { cloud: 'gcp', name: 'Artifact Registry', host: /(?:^|\.)gcr\.io$|\.pkg\.dev$/ },
];

/** Images of Google that everyone may pull, which need no secret and so say nothing about the one that is there. */
const publicImages =
  /^(?:k8s|mirror|marketplace|launcher)\.gcr\.io\/|^(?:[a-z]+\.)?gcr\.io\/(?:cadvisor|cloud-builders|cloud-marketplace|cloud-sql-connectors|cloudsql-docker|distroless|gke-release|google-containers|google-samples|google\.com\/cloudsdktool|istio-release|k8s-skaffold|kaniko-project|knative-releases|kubebuilder|tekton-releases)\//;

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** As whom a refresh token of ACR logs in. */
const nobody = '00000000-0000-0000-0000-000000000000';

export const staticImagePullSecret = defineCheck<Params>({
  id: 'identity/static-image-pull-secret',
  title: 'No pull secrets for registries of the cloud',
  why: 'a login that is copied into a Secret expires or leaks, while the nodes could pull as themselves',
  prevents: [
    'ImagePullBackOff after the token of a registry ran out',
    'a leaked key that can pull, or push, every image',
  ],
  remedy:
    'Let the nodes pull: the node role on EKS, AcrPull for the kubelet identity on AKS, Artifact Registry Reader for the node ' +
    'service account on GKE. Elsewhere let something refresh the Secret (ExternalSecret with ECRAuthorizationToken).',
  severity: 'medium',
  kinds: ['core/Secret', ...workloadKinds],
  reads: { [serviceAccountKind]: 'none', 'core/Node': 'none' },
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
    const { object, workload } = subject;
    if (workload !== undefined) yield* needlessSecrets(subject, workload, clouds, view);
    else for (const login of registryLogins(object)) yield* judgeLogin(login, subject);
  },
});

function* judgeLogin({ host, user }: RegistryLogin, { object }: CheckSubject): Iterable<Finding> {
  const registry = registries.find((one) => one.host.test(host));
  if (registry === undefined) return;
  const token = lifetimeOf(registry.cloud, user);
  // Whoever owns the Secret refreshes it, and so does a store.
  if (token !== undefined && (hasOwner(object) || isStoreManaged(object, []))) return;
  const shown = host.slice(0, 48);
  const common = { identity: `login/${host}`, path: contentPath(object) };
  if (token !== undefined)
    yield {
      ...common,
      message: `login to ${shown} by a token that lasts ${token}`,
      why: 'once it has run out, every pod on a new node ends in ImagePullBackOff',
      fix: `Remove the Secret and let the nodes pull from ${registry.name}, or have something refresh it`,
      severity: 'high',
    };
  else if (registry.cloud === 'gcp' && user.startsWith('_json_key'))
    yield {
      ...common,
      message: `login to ${shown} by the private key of a Google service account`,
      why: 'the key does not expire, and is good for whatever the account may do beside pulling',
      fix: `Remove the Secret and let the nodes pull from ${registry.name}; then delete the key`,
      severity: 'high',
    };
  else if (registry.cloud === 'azure')
    yield {
      ...common,
      message: `login to ${shown} by ${uuid.test(user) ? 'the password of a service principal' : 'its admin user or a token of it'}`,
      why: 'the password is the same for all who have it, and pulls stop when it is changed or runs out',
      fix: 'Remove the Secret and grant AcrPull to the kubelet identity of the nodes',
      ...(user !== '' && user === host.split('.', 1)[0] && { severity: 'high' }),
    };
}

/** Undefined for a login that is no token. */
function lifetimeOf(cloud: string, user: string): string | undefined {
  if (cloud === 'aws') return user === 'AWS' ? '12 hours' : undefined;
  if (cloud === 'azure') return user === nobody ? '3 hours' : undefined;
  return user === 'oauth2accesstoken' ? 'one hour' : undefined;
}

function contentPath(secret: CheckSubject['object']): string {
  const key = pullSecretTypes.get(text(secret['type']) ?? '') ?? '';
  return pointerTo('', at(secret, 'stringData', key) === undefined ? 'data' : 'stringData', key);
}

/** On record only: a registry of another account, or nodes without a role, do need it. */
function* needlessSecrets(
  { namespace }: CheckSubject,
  { template }: Workload,
  clouds: readonly string[],
  view: ClusterView,
): Iterable<Finding> {
  const own = list(template.spec['imagePullSecrets']);
  const names = own.length > 0 ? own : list(findServiceAccount(template, namespace, view)?.['imagePullSecrets']);
  if (names.length === 0) return;
  const registry = soleHome(template, clouds, view);
  if (registry === undefined) return;
  yield {
    identity: 'needless',
    path: pointerTo(template.pointer, 'spec', 'imagePullSecrets'),
    message: `pull secret ${String(text(at(names[0], 'name'))).slice(0, 32)} for ${registry.name} of the cloud that the nodes run on`,
    why: 'the nodes can pull as themselves, and the secret is one more login to keep alive',
    fix: `Remove ${own.length > 0 ? 'imagePullSecrets' : 'imagePullSecrets from the ServiceAccount'} once the nodes may pull from ${registry.name}`,
    atMost: 'Audit',
    severity: 'low',
  };
}

/** The registry that all images come from which not everyone may pull, if it is one of the cloud that the nodes run on. */
function soleHome({ containers }: PodTemplate, clouds: readonly string[], view: ClusterView): Registry | undefined {
  const home = clouds.length > 0 ? clouds : [providerOf(view)];
  let found: Registry | undefined;
  for (const { container } of containers) {
    const { repository } = parseImageReference(text(container.image) ?? '');
    if (publicImages.test(repository)) continue;
    const host = repository.split('/', 1)[0] as string;
    found = registries.find((one) => one.host.test(host) && home.includes(one.cloud));
    // For this one the secret may be needed.
    if (found === undefined) return undefined;
  }
  return found;
}
