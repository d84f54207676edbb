import { targetOf } from '../../kubernetes/autoscaling.ts';
import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import {
  computeResources,
  effectiveRequest,
  podLevelRequest,
  readPodResources,
  type Resource,
} from '../../kubernetes/effective-resources.ts';
import { at } from '../../kubernetes/fields.ts';
import { allocatable } from '../../kubernetes/pod-request.ts';
import { parseQuantity } from '../../kubernetes/quantity.ts';
import { readWorkload, type Workload } from '../../kubernetes/workload.ts';
import type { CheckSubject, Finding } from '../check.ts';

/** A note where all the pods that an autoscaler may ask for request more than all nodes have: the last ones stay Pending. */
export function* hpaCapacity({ object, namespace }: CheckSubject, view: ClusterView): Iterable<Finding> {
  const { groupKind, name } = targetOf(object);
  const max = at(object, 'spec', 'maxReplicas');
  if (typeof max !== 'number' || typeof name !== 'string' || view.knows('core/Node') !== 'all') return;
  const target = view.get(groupKind, namespace, name);
  const workload = target && readWorkload(target, namespace);
  if (workload === undefined) return;
  for (const resource of computeResources) {
    const capacity = capacityOf(resource, view);
    const asked = BigInt(Math.max(0, Math.trunc(max))) * requestOf(workload, resource, view);
    if (capacity === 0n || asked <= capacity) continue;
    yield {
      identity: `capacity/${resource}`,
      path: '/spec/maxReplicas',
      message: `${max} replicas request more ${resource} than all nodes together have`,
      why: 'the last of them stay Pending unless nodes are added',
      fix: 'Lower maxReplicas, or see that the node pool can grow as far',
      atMost: 'Audit',
      severity: 'low',
    };
  }
}

/** In nano units; 0 where no Node is known. */
function capacityOf(resource: Resource, view: ClusterView): bigint {
  let sum = 0n;
  for (const node of view.list('core/Node')) sum += allocatable(node, resource);
  return sum;
}

function requestOf({ template, namespace }: Workload, resource: Resource, view: ClusterView): bigint {
  const pod = readPodResources(template, namespace, view);
  const whole = parseQuantity(podLevelRequest(pod, resource));
  if (whole !== undefined) return whole;
  let sum = 0n;
  for (const one of template.containers) {
    if (one.class === 'main' || one.class === 'sidecar')
      sum += parseQuantity(effectiveRequest(one.container, resource, pod)) ?? 0n;
  }
  return sum;
}
