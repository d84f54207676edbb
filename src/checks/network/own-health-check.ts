import { at } from '../../kubernetes/fields.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import { reachesPods } from '../../kubernetes/load-balancer.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import type { Finding } from '../check.ts';

/** Annotations that replace the health check of a cloud's load balancer; values with which it still sees which nodes have pods. */
const overrides: readonly (readonly [key: RegExp, harmless: RegExp])[] = [
  [/^service\.beta\.kubernetes\.io\/aws-load-balancer-healthcheck-port$/, /^traffic-port$/],
  [/^service\.beta\.kubernetes\.io\/azure-load-balancer-health-probe-port$/, /^$/],
  [/^service\.beta\.kubernetes\.io\/azure-load-balancer-health-probe-(request-)?path$/, /^\/(healthz)?$/],
  [/^service\.beta\.kubernetes\.io\/port_\d+_health-probe_port$/, /^$/],
  [/^service\.beta\.kubernetes\.io\/port_\d+_health-probe_request-path$/, /^\/(healthz)?$/],
];

/**
 * With externalTrafficPolicy: Local the load balancer must ask healthCheckNodePort, where each node says whether it has
 * pods of the Service; an annotation may make it ask something that answers on every node.
 */
export function ownHealthCheck(object: KubernetesObject): Finding | undefined {
  // Where pods are the targets, each is asked itself.
  if (reachesPods(object)) return undefined;
  const port = at(object, 'spec', 'healthCheckNodePort');
  for (const [key, value] of Object.entries(object.metadata.annotations ?? {})) {
    const override = overrides.find(([pattern]) => pattern.test(key));
    if (override === undefined || override[1].test(value) || Number(value) === port) continue;
    return {
      identity: 'health-check',
      path: pointerTo('/metadata/annotations', key),
      message: `${key.slice(key.indexOf('/') + 1)} is ${JSON.stringify(value).slice(0, 24)}, with externalTrafficPolicy: Local`,
      why: 'the load balancer then takes nodes without a pod of the Service for healthy, and they drop what it sends',
      fix: 'Remove the annotation: the default asks healthCheckNodePort, where each node says whether it has pods',
    };
  }
  return undefined;
}
