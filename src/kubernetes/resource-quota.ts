import type { ClusterView } from './cluster-view.ts';
import {
  computeResources,
  effectiveLimit,
  effectiveRequest,
  podLevelRequest,
  type PodResources,
  readPodResources,
} from './effective-resources.ts';
import { at, fields, list } from './fields.ts';
import type { PodTemplate } from './pod-template.ts';
import { parseQuantity } from './quantity.ts';

/**
 * A ResourceQuota of the namespace that counts something of these pods, so that a pod which does not say how much of it
 * it takes is refused. Source: pkg/quota/v1/evaluator/core pods.
 * @param resource as the quota names it: `limits.cpu`, `requests.memory`
 * @returns the quota's name; undefined where none does
 */
export function quotaOver(
  resource: string,
  template: PodTemplate,
  namespace: string | undefined,
  view: ClusterView,
): string | undefined {
  for (const quota of view.list('core/ResourceQuota', namespace)) {
    if (at(quota, 'spec', 'hard', resource) === undefined) continue;
    const scopes = list(at(quota, 'spec', 'scopes')).map((scopeName) => ({ scopeName, operator: 'Exists' }));
    const selected = list(at(quota, 'spec', 'scopeSelector', 'matchExpressions'));
    if ([...scopes, ...selected].every((scope) => isInScope(scope, template, namespace, view)))
      return quota.metadata.name;
  }
  return undefined;
}

/** One that cannot be told from the template reads as another pod's. */
function isInScope(scope: unknown, template: PodTemplate, namespace: string | undefined, view: ClusterView): boolean {
  const { spec } = template;
  const { scopeName, operator, values } = fields(scope);
  const isBounded = typeof spec['activeDeadlineSeconds'] === 'number';
  switch (scopeName) {
    case 'Terminating':
      return isBounded;
    case 'NotTerminating':
      return !isBounded;
    case 'NotBestEffort':
      return !isBestEffort(template, readPodResources(template, namespace, view));
    case 'PriorityClass':
      return isOfClass(spec['priorityClassName'], operator, list(values));
    default:
      return false;
  }
}

/** The QoS class of a pod in which nothing is requested or limited, by nobody. Source: pkg/apis/core/v1/helper/qos. */
function isBestEffort({ containers }: PodTemplate, pod: PodResources): boolean {
  return computeResources.every(
    (resource) =>
      isNothing(podLevelRequest(pod, resource)) &&
      containers.every(
        ({ container }) =>
          isNothing(effectiveRequest(container, resource, pod)) && isNothing(effectiveLimit(container, resource, pod)),
      ),
  );
}

function isNothing(quantity: unknown): boolean {
  return quantity === undefined || parseQuantity(quantity) === 0n;
}

function isOfClass(name: unknown, operator: unknown, values: readonly unknown[]): boolean {
  const hasClass = typeof name === 'string' && name !== '';
  if (operator === 'In') return hasClass && values.includes(name);
  if (operator === 'NotIn') return hasClass && !values.includes(name);
  return operator === 'Exists' && hasClass;
}
