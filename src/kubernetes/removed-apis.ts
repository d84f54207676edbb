import type { ServerVersion } from './cluster-view.ts';
import type { GroupKind } from './object.ts';

/** A version of an API that a minor version of Kubernetes no longer serves. Source: the deprecated API migration guide. */
export interface RemovedApi {
  readonly apiVersion: string;
  readonly kinds: readonly string[];
  /** The minor version of 1.x that lacks it. */
  readonly since: number;
  /** What to write; undefined for PodSecurityPolicy, which became labels of namespaces. */
  readonly instead: string | undefined;
}

const removed: readonly RemovedApi[] = [
  { apiVersion: 'extensions/v1beta1', kinds: ['Deployment', 'DaemonSet', 'ReplicaSet'], since: 16, instead: 'apps/v1' },
  { apiVersion: 'extensions/v1beta1', kinds: ['NetworkPolicy'], since: 16, instead: 'networking.k8s.io/v1' },
  { apiVersion: 'extensions/v1beta1', kinds: ['PodSecurityPolicy'], since: 16, instead: undefined },
  { apiVersion: 'apps/v1beta1', kinds: ['Deployment', 'StatefulSet'], since: 16, instead: 'apps/v1' },
  {
    apiVersion: 'apps/v1beta2',
    kinds: ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'],
    since: 16,
    instead: 'apps/v1',
  },
  { apiVersion: 'extensions/v1beta1', kinds: ['Ingress'], since: 22, instead: 'networking.k8s.io/v1' },
  {
    apiVersion: 'networking.k8s.io/v1beta1',
    kinds: ['Ingress', 'IngressClass'],
    since: 22,
    instead: 'networking.k8s.io/v1',
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1beta1',
    kinds: ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
    since: 22,
    instead: 'rbac.authorization.k8s.io/v1',
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1beta1',
    kinds: ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'],
    since: 22,
    instead: 'admissionregistration.k8s.io/v1',
  },
  {
    apiVersion: 'apiextensions.k8s.io/v1beta1',
    kinds: ['CustomResourceDefinition'],
    since: 22,
    instead: 'apiextensions.k8s.io/v1',
  },
  { apiVersion: 'scheduling.k8s.io/v1beta1', kinds: ['PriorityClass'], since: 22, instead: 'scheduling.k8s.io/v1' },
  {
    apiVersion: 'storage.k8s.io/v1beta1',
    kinds: ['StorageClass', 'CSIDriver', 'CSINode', 'VolumeAttachment'],
    since: 22,
    instead: 'storage.k8s.io/v1',
  },
  {
    apiVersion: 'apiregistration.k8s.io/v1beta1',
    kinds: ['APIService'],
    since: 22,
    instead: 'apiregistration.k8s.io/v1',
  },
  {
    apiVersion: 'certificates.k8s.io/v1beta1',
    kinds: ['CertificateSigningRequest'],
    since: 22,
    instead: 'certificates.k8s.io/v1',
  },
  { apiVersion: 'coordination.k8s.io/v1beta1', kinds: ['Lease'], since: 22, instead: 'coordination.k8s.io/v1' },
  {
    apiVersion: 'authorization.k8s.io/v1beta1',
    kinds: ['SubjectAccessReview', 'LocalSubjectAccessReview', 'SelfSubjectAccessReview', 'SelfSubjectRulesReview'],
    since: 22,
    instead: 'authorization.k8s.io/v1',
  },
  {
    apiVersion: 'authentication.k8s.io/v1beta1',
    kinds: ['TokenReview'],
    since: 22,
    instead: 'authentication.k8s.io/v1',
  },
  { apiVersion: 'batch/v2alpha1', kinds: ['CronJob'], since: 21, instead: 'batch/v1' },
  { apiVersion: 'batch/v1beta1', kinds: ['CronJob'], since: 25, instead: 'batch/v1' },
  { apiVersion: 'events.k8s.io/v1beta1', kinds: ['Event'], since: 25, instead: 'events.k8s.io/v1' },
  { apiVersion: 'policy/v1beta1', kinds: ['PodDisruptionBudget'], since: 25, instead: 'policy/v1' },
  { apiVersion: 'policy/v1beta1', kinds: ['PodSecurityPolicy'], since: 25, instead: undefined },
  { apiVersion: 'discovery.k8s.io/v1beta1', kinds: ['EndpointSlice'], since: 25, instead: 'discovery.k8s.io/v1' },
  { apiVersion: 'node.k8s.io/v1beta1', kinds: ['RuntimeClass'], since: 25, instead: 'node.k8s.io/v1' },
  { apiVersion: 'autoscaling/v2beta1', kinds: ['HorizontalPodAutoscaler'], since: 25, instead: 'autoscaling/v2' },
  { apiVersion: 'autoscaling/v2beta2', kinds: ['HorizontalPodAutoscaler'], since: 26, instead: 'autoscaling/v2' },
  ...(
    [
      ['v1beta1', 26],
      ['v1beta2', 29],
      ['v1beta3', 32],
    ] as const
  ).map(([version, since]) => ({
    apiVersion: `flowcontrol.apiserver.k8s.io/${version}`,
    kinds: ['FlowSchema', 'PriorityLevelConfiguration'],
    since,
    instead: 'flowcontrol.apiserver.k8s.io/v1',
  })),
  { apiVersion: 'storage.k8s.io/v1beta1', kinds: ['CSIStorageCapacity'], since: 27, instead: 'storage.k8s.io/v1' },
];

/** Every kind of which some version is gone, by the group it had then and by the one it has now. */
export const kindsOfRemovedApis: readonly GroupKind[] = [
  ...new Set(
    removed.flatMap(({ apiVersion, kinds, instead }) =>
      [apiVersion, instead ?? apiVersion].flatMap((one) =>
        kinds.map((kind): GroupKind => `${one.split('/', 1)[0] ?? ''}/${kind}`),
      ),
    ),
  ),
].toSorted();

/** @param target the version that must serve it; where none is known, the newest that removed anything */
export function removedApi(
  apiVersion: string,
  kind: string,
  target: ServerVersion | undefined,
): RemovedApi | undefined {
  const minor = target === undefined || target.major > 1 ? Number.POSITIVE_INFINITY : target.minor;
  return removed.find((one) => one.apiVersion === apiVersion && one.kinds.includes(kind) && one.since <= minor);
}
