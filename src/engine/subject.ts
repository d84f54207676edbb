import type { Tier } from '../checks/action.ts';
import type { CheckSubject } from '../checks/check.ts';
import type { ClusterView } from '../kubernetes/cluster-view.ts';
import { type GroupKind, groupKindOf, type KubernetesObject } from '../kubernetes/object.ts';
import { readWorkload, type Workload } from '../kubernetes/workload.ts';
import type { ActivePolicy } from '../policy/active-policy.ts';
import { namespaceTier, objectTier } from '../policy/tier.ts';
import { withBelievedOwner } from './controllers.ts';
import type { Request } from './decision.ts';

/** What checks see of the request, with the object as it is now or, for the ratchet and patches, in another state. */
export function readSubject(
  request: Request,
  written: KubernetesObject,
  policy: ActivePolicy,
  view: ClusterView,
): CheckSubject {
  const object = withBelievedOwner(written, request.user, policy.enforceUnknownOwners);
  const groupKind = groupKindOf(object);
  const workload = readWorkload(object, request.namespace);
  return {
    object,
    oldObject: request.oldObject,
    groupKind,
    namespace: request.namespace,
    inSystemNamespace: isSystem(request, policy),
    operation: request.operation,
    subresource: request.subresource,
    source: request.source,
    workload,
    tier: readTier(object, groupKind, request.namespace, workload, policy, view),
    user: request.user,
    now: request.now,
  };
}

function isSystem({ object, namespace }: Request, policy: ActivePolicy): boolean {
  const name = object.kind === 'Namespace' ? object.metadata.name : namespace;
  return name !== undefined && policy.isSystemNamespace(name);
}

function readTier(
  object: KubernetesObject,
  kind: GroupKind,
  namespace: string | undefined,
  workload: Workload | undefined,
  policy: ActivePolicy,
  view: ClusterView,
): Tier {
  if (kind === 'core/Namespace') return namespaceTier(object.metadata.labels, policy.tiers);
  const labels =
    namespace === undefined ? undefined : view.get('core/Namespace', undefined, namespace)?.metadata.labels;
  return objectTier(namespaceTier(labels, policy.tiers), object.metadata.labels, workload?.template.labels);
}
