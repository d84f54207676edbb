import { type GroupKind, groupKindOf, type KubernetesObject } from '../kubernetes/object.ts';
import { watchedKinds } from '../kubernetes/watched-kinds.ts';

/**
 * Where the object would live: what it says, else the default; nowhere for a cluster-scoped kind, whatever it says. A kind
 * that is not known here counts as namespaced.
 */
export function namespaceOf(object: KubernetesObject, defaultNamespace: string): string | undefined {
  return isClusterScoped(groupKindOf(object)) ? undefined : object.metadata.namespace || defaultNamespace;
}

function isClusterScoped(kind: GroupKind): boolean {
  return watchedKinds.get(kind)?.namespaced === false || otherClusterScopedKinds.has(kind);
}

/** The cluster-scoped kinds of Kubernetes 1.36 and of common add-ons, besides those that daytwo watches. */
const otherClusterScopedKinds: ReadonlySet<GroupKind> = new Set([
  'core/PersistentVolume',
  'admissionregistration.k8s.io/MutatingAdmissionPolicy',
  'admissionregistration.k8s.io/MutatingAdmissionPolicyBinding',
  'admissionregistration.k8s.io/MutatingWebhookConfiguration',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding',
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration',
  'apiextensions.k8s.io/CustomResourceDefinition',
  'apiregistration.k8s.io/APIService',
  'certificates.k8s.io/CertificateSigningRequest',
  'certificates.k8s.io/ClusterTrustBundle',
  'flowcontrol.apiserver.k8s.io/FlowSchema',
  'flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration',
  'internal.apiserver.k8s.io/StorageVersion',
  'networking.k8s.io/IPAddress',
  'networking.k8s.io/IngressClass',
  'networking.k8s.io/ServiceCIDR',
  'node.k8s.io/RuntimeClass',
  'rbac.authorization.k8s.io/ClusterRole',
  'rbac.authorization.k8s.io/ClusterRoleBinding',
  'resource.k8s.io/DeviceClass',
  'resource.k8s.io/DeviceTaintRule',
  'resource.k8s.io/ResourceSlice',
  'scheduling.k8s.io/PriorityClass',
  'snapshot.storage.k8s.io/VolumeSnapshotClass',
  'snapshot.storage.k8s.io/VolumeSnapshotContent',
  'storage.k8s.io/VolumeAttachment',
  'storage.k8s.io/VolumeAttributesClass',
  'storagemigration.k8s.io/StorageVersionMigration',
  'cert-manager.io/ClusterIssuer',
  'daytwo.dev/ReadinessPolicy',
  'external-secrets.io/ClusterExternalSecret',
  'external-secrets.io/ClusterSecretStore',
  'gateway.networking.k8s.io/GatewayClass',
  'karpenter.sh/NodeClaim',
  'karpenter.sh/NodePool',
  'keda.sh/ClusterTriggerAuthentication',
  'kyverno.io/ClusterPolicy',
]);
