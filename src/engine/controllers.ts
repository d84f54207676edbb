import { fields, list } from '../kubernetes/fields.ts';
import {
  controllerOf,
  type GroupKind,
  groupKindOf,
  type KubernetesObject,
  type OwnerReference,
} from '../kubernetes/object.ts';

const serviceAccounts = 'system:serviceaccount:';

/** What is made for an owner, and by whom. */
interface Controller {
  readonly makes: GroupKind;
  /** As whom a built-in one asks; of others nobody knows under which name they were installed. Source: cmd/kube-controller-manager names. */
  readonly serviceAccount?: string;
}

const controllers: ReadonlyMap<GroupKind, Controller> = new Map<GroupKind, Controller>([
  ['apps/Deployment', { makes: 'apps/ReplicaSet', serviceAccount: 'deployment-controller' }],
  ['apps/ReplicaSet', { makes: 'core/Pod', serviceAccount: 'replicaset-controller' }],
  ['apps/StatefulSet', { makes: 'core/Pod', serviceAccount: 'statefulset-controller' }],
  ['apps/DaemonSet', { makes: 'core/Pod', serviceAccount: 'daemon-set-controller' }],
  ['batch/CronJob', { makes: 'batch/Job', serviceAccount: 'cronjob-controller' }],
  ['batch/Job', { makes: 'core/Pod', serviceAccount: 'job-controller' }],
  ['core/ReplicationController', { makes: 'core/Pod', serviceAccount: 'replication-controller' }],
  ['argoproj.io/Rollout', { makes: 'apps/ReplicaSet' }],
  ['apps.kruise.io/CloneSet', { makes: 'core/Pod' }],
  ['apps.openshift.io/DeploymentConfig', { makes: 'core/ReplicationController' }],
]);

/**
 * Whether the object is made by the controller of an object that was judged at its own admission. Anyone can write an
 * ownerReference, so the one who asks must be that controller too; of a custom resource it is taken to be any service account,
 * unless the policy believes none of them.
 */
export function makesItself(
  object: KubernetesObject,
  user: string | undefined,
  enforceUnknownOwners: boolean,
): boolean {
  const owner = controllerOf(object);
  if (owner === undefined || user === undefined) return false;
  const controller = controllers.get(groupKindOf(owner));
  if (controller?.makes !== groupKindOf(object)) return false;
  if (controller.serviceAccount === undefined) return user.startsWith(serviceAccounts) && !enforceUnknownOwners;
  return (
    user === `${serviceAccounts}kube-system:${controller.serviceAccount}` || user === 'system:kube-controller-manager'
  );
}

/**
 * Whether a service account makes the object for an owner that no built-in controller makes such objects for: an operator's
 * custom resource, or the operator's own Deployment (Rook's DaemonSets). A refusal would surface as a FailedCreate that nobody
 * sees, so findings only warn there.
 */
export function madeByUnknownController(object: KubernetesObject, user: string | undefined): boolean {
  const owner = controllerOf(object);
  if (owner === undefined || !user?.startsWith(serviceAccounts)) return false;
  return controllers.get(groupKindOf(owner))?.makes !== groupKindOf(object);
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
