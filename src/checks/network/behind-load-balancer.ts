import { at } from '../../kubernetes/fields.ts';
import { type KubernetesObject, labelOf } from '../../kubernetes/object.ts';

/** On a NodePort Service that a load balancer outside the cluster stands in front of, one that asks each node for its health. */
export const behindLoadBalancer = 'daytwo.dev/behind-load-balancer';

/** With Local as well, so that the load balancer sees which nodes have pods. */
export function isBehindLoadBalancer(object: KubernetesObject): boolean {
  const label = labelOf(object, behindLoadBalancer);
  return label !== undefined && label !== 'false' && at(object, 'spec', 'externalTrafficPolicy') === 'Local';
}
