import { defaultLimit, defaultRequest, type PodResources, type Resource } from '../kubernetes/effective-resources.ts';
import { pointerTo } from '../kubernetes/json-pointer.ts';
import type { PodContainer, PodTemplate } from '../kubernetes/pod-template.ts';
import { parseQuantity } from '../kubernetes/quantity.ts';
import type { Finding } from './check.ts';

/**
 * A note, no more, where a container lives on a default that several LimitRanges of its namespace give differently: the
 * LimitRanger applies whichever it comes to first, in no order that anyone can rely on.
 */
export function* ambiguousDefaults(
  { containers }: PodTemplate,
  { limitRanges }: PodResources,
  field: 'requests' | 'limits',
  resource: Resource,
): Iterable<Finding> {
  if (limitRanges.length < 2) return;
  const taker = containers.find((one) => one.class !== 'ephemeral' && takesDefault(one, field, resource));
  const defaults = limitRanges
    .map(({ item }) => (field === 'requests' ? defaultRequest(item, resource) : defaultLimit(item, resource)))
    .filter((value) => value !== undefined);
  if (taker === undefined || new Set(defaults.map(parseQuantity)).size < 2) return;
  yield {
    identity: `limit-range/${resource}`,
    path: pointerTo(taker.pointer, 'resources', field, resource),
    message: `LimitRanges of its namespace give different ${resource} ${field} (${defaults.map(String).join(', ').slice(0, 40)})`,
    why: 'which of them a pod gets is left to chance',
    fix: `Set resources.${field}.${resource} in the container, or keep a single LimitRange in the namespace`,
    atMost: 'Audit',
    severity: 'info',
  };
}

function takesDefault({ container }: PodContainer, field: 'requests' | 'limits', resource: Resource): boolean {
  const { requests, limits } = container.resources ?? {};
  return limits?.[resource] === undefined && (field === 'limits' || requests?.[resource] === undefined);
}
