import type { CheckSubject } from '../checks/check.ts';
import type { ClusterView } from '../kubernetes/cluster-view.ts';
import { own } from '../kubernetes/fields.ts';
import { sameBut } from '../kubernetes/json-patch.ts';
import { type GroupKind, groupKindOf, type KubernetesObject } from '../kubernetes/object.ts';
import type { ActivePolicy } from '../policy/active-policy.ts';
import { madeForJudged, makesItself } from './controllers.ts';
import type { Request } from './decision.ts';

/**
 * Why a request is let through without a look, or undefined when it must be judged. Each reason keeps the cluster able to
 * recover: a guardrail that holds up a deletion, a finalizer, a node or a controller is an incident of its own.
 */
export function bypassReason(
  request: Request,
  { inSystemNamespace }: CheckSubject,
  policy: ActivePolicy,
  view: ClusterView,
): string | undefined {
  const { object, oldObject, operation, user } = request;
  if (operation === 'DELETE' && !judgedDeletions.has(groupKindOf(object))) return 'deletion';
  // A person who asks about files is told what is amiss.
  if (inSystemNamespace && request.source !== 'files') return 'system namespace';
  if (user !== undefined && isPlatformUser(user)) return 'request of the platform itself';
  if (oldObject?.metadata.deletionTimestamp && onlyMetadataChanged(oldObject, object)) return 'being deleted';
  if (makesItself(object, user) || (!policy.enforceUnknownOwners && madeForJudged(object, request, view)))
    return 'made by the controller of an object that was judged';
  if (request.source === 'files' && isMirrorPod(object)) return 'mirror Pod';
  if (operation !== 'DELETE' && oldObject !== undefined && onlyBookkeepingChanged(oldObject, object))
    return 'nothing that a check reads has changed';
  return undefined;
}

/** Of everything else the deletion is nobody's business: a guardrail that holds it up is in the way of a recovery. */
const judgedDeletions: ReadonlySet<GroupKind> = new Set([
  'policy/PodDisruptionBudget',
  'networking.k8s.io/NetworkPolicy',
]);

/** They delete what nothing needs any more. */
const cleaners: ReadonlySet<string> = new Set([
  'system:kube-controller-manager',
  'system:serviceaccount:kube-system:generic-garbage-collector',
  'system:serviceaccount:kube-system:namespace-controller',
]);

/** Why a deletion is let through although what is deleted may be the last of its kind. */
export function deletionBypass({ operation, namespace, user }: Request, view: ClusterView): string | undefined {
  if (operation !== 'DELETE') return undefined;
  if (user !== undefined && cleaners.has(user)) return 'cleanup by the control plane';
  const parent = namespace === undefined ? undefined : view.get('core/Namespace', undefined, namespace);
  return parent?.metadata.deletionTimestamp ? 'the namespace is being deleted' : undefined;
}

/** Addon managers are service accounts of kube-system, which manages itself through objects in other namespaces too. */
function isPlatformUser(user: string): boolean {
  return (
    user === 'system:apiserver' ||
    user === 'system:kube-scheduler' ||
    user === 'system:addon-manager' ||
    user.startsWith('system:node:')
  );
}

/** The kubelet writes one for each static Pod; what it mirrors cannot be refused any more. Only nodes may create them. */
function isMirrorPod(object: KubernetesObject): boolean {
  return own(object.metadata.annotations, 'kubernetes.io/config.mirror') !== undefined;
}

/** Fields of metadata that no check reads and that controllers keep. Annotations and labels are not among them. */
const bookkeeping = new Set(['finalizers', 'ownerReferences', 'managedFields', 'resourceVersion', 'generation']);

/**
 * What is being deleted must get rid of its finalizers. Until it has, it works: a ConfigMap is mounted and a budget counts, so
 * new content is judged (and what stood there before only warns).
 */
export function onlyMetadataChanged(before: KubernetesObject, after: KubernetesObject): boolean {
  return sameBut(before, after, (key) => key === 'status' || key === 'metadata');
}

function onlyBookkeepingChanged(before: KubernetesObject, after: KubernetesObject): boolean {
  return onlyMetadataChanged(before, after) && sameBut(before.metadata, after.metadata, (key) => bookkeeping.has(key));
}
