import { at } from '../../kubernetes/fields.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import { reachesPods } from '../../kubernetes/load-balancer.ts';
import { annotationOf, type KubernetesObject } from '../../kubernetes/object.ts';
import type { Finding } from '../check.ts';

/**
 * Takes the place of the health check of an AWS load balancer. On Azure such annotations have no effect here: with Local its cloud
 * provider asks healthCheckNodePort whatever they say.
 */
const override = 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-port';

/**
 * With externalTrafficPolicy: Local the load balancer must ask healthCheckNodePort, where each node says whether it has
 * pods of the Service; an annotation may make it ask something that answers on every node.
 */
export function ownHealthCheck(object: KubernetesObject): Finding | undefined {
  // Where pods are the targets, each is asked itself.
  if (reachesPods(object)) return undefined;
  const value = annotationOf(object, override);
  if (value === undefined || value === 'traffic-port') return undefined;
  if (Number(value) === at(object, 'spec', 'healthCheckNodePort')) return undefined;
  return {
    identity: 'health-check',
    path: pointerTo('/metadata/annotations', override),
    message: `${override.slice(override.indexOf('/') + 1)} is ${JSON.stringify(value).slice(0, 24)}, with externalTrafficPolicy: Local`,
    why: 'the load balancer then takes nodes without a pod of the Service for healthy, and they drop what it sends',
    fix: 'Remove the annotation: the default asks healthCheckNodePort, where each node says whether it has pods',
  };
}
