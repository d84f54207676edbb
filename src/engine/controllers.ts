import type { ClusterView } from '../kubernetes/cluster-view.ts';
import { fields, list } from '../kubernetes/fields.ts';
import { workloadKinds } from '../kubernetes/workload.ts';
import {
  controllerOf,
  type GroupKind,
  groupKindOf,
  groupOf,
  isCustomGroup,
  type KubernetesObject,
  type OwnerReference,
} from '../kubernetes/object.ts';

const serviceAccounts = 'system:serviceaccount:';

/** The built-in controllers: what owns what, and as whom each controller asks. Source: cmd/kube-controller-manager names. */
const controllers: ReadonlyMap<GroupKind, { readonly makes: GroupKind; readonly serviceAccount: string }> = new Map([
  ['apps/Deployment', { makes: 'apps/ReplicaSet', serviceAccount: 'deployment-controller' }],
  ['apps/ReplicaSet', { makes: 'core/Pod', serviceAccount: 'replicaset-controller' }],
  ['apps/StatefulSet', { makes: 'core/Pod', serviceAccount: 'statefulset-controller' }],
  ['apps/DaemonSet', { makes: 'core/Pod', serviceAccount: 'daemon-set-controller' }],
  ['batch/CronJob', { makes: 'batch/Job', serviceAccount: 'cronjob-controller' }],
  ['batch/Job', { makes: 'core/Pod', serviceAccount: 'job-controller' }],
  ['core/ReplicationController', { makes: 'core/Pod', serviceAccount: 'replication-controller' }],
]);

/** What is made for custom resources that are judged like a Deployment. Nobody knows under which name their controllers were installed. */
const madeForCustom: ReadonlyMap<GroupKind, GroupKind> = new Map([
  ['argoproj.io/Rollout', 'apps/ReplicaSet'],
  ['apps.kruise.io/CloneSet', 'core/Pod'],
  ['apps.openshift.io/DeploymentConfig', 'core/ReplicationController'],
]);

/**
 * Whether the object is made by the controller of an object that was judged at its own admission. Anyone can write an
 * ownerReference, so the one who asks must be that controller too.
 */
export function makesItself(object: KubernetesObject, user: string | undefined): boolean {
  const owner = controllerOf(object);
  if (owner === undefined || user === undefined) return false;
  const controller = controllers.get(groupKindOf(owner));
  if (controller?.makes !== groupKindOf(object)) return false;
  return (
    user === `${serviceAccounts}kube-system:${controller.serviceAccount}` || user === 'system:kube-controller-manager'
  );
}

/** Whether a service account makes the object for a custom resource that is there, and was judged itself. */
export function madeForJudged(
  object: KubernetesObject,
  { user, namespace }: { readonly user: string | undefined; readonly namespace: string | undefined },
  view: ClusterView,
): boolean {
  const owner = controllerOf(object);
  if (owner === undefined || !user?.startsWith(serviceAccounts)) return false;
  const kind = groupKindOf(owner);
  if (madeForCustom.get(kind) !== groupKindOf(object)) return false;
  return view.get(kind, namespace, owner.name)?.metadata.uid === owner.uid;
}

/**
 * Whether a service account makes pods or a Secret for an owner that no built-in controller makes such objects for: an operator's
 * custom resource, or the operator's own Deployment (Rook's DaemonSets). A refusal would surface as a FailedCreate that nobody
 * sees, so findings only warn there.
 */
export function madeByUnknownController(object: KubernetesObject, user: string | undefined): boolean {
  const owner = controllerOf(object);
  if (owner === undefined || !user?.startsWith(serviceAccounts)) return false;
  const kind = groupKindOf(object);
  if (kind !== 'core/Secret' && !workloadKinds.includes(kind)) return false;
  const ownerKind = groupKindOf(owner);
  // Of the API's own kinds, a ConfigMap or a Namespace controls nothing: whoever names one as owner has made it up.
  const controls = controllers.has(ownerKind) || isCustomGroup(groupOf(owner.apiVersion));
  return controls && controllers.get(ownerKind)?.makes !== kind;
}

/**
 * The object as checks are to see it. Many of them spare what an operator's custom resource owns, because its author is a
 * program; a person who writes such an owner is the author, now and at every later edit.
 */
export function withBelievedOwner(
  object: KubernetesObject,
  user: string | undefined,
  enforceUnknownOwners: boolean,
): KubernetesObject {
  const { ownerReferences } = object.metadata;
  if (user === undefined || controllerOf(object) === undefined) return object;
  if (user.startsWith('system:') && !enforceUnknownOwners) return object;
  const believed = list(ownerReferences).filter((owner) => fields(owner)['controller'] !== true);
  return { ...object, metadata: { ...object.metadata, ownerReferences: believed as OwnerReference[] } };
}
