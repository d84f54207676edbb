import { isVpaUpdater } from '../kubernetes/autoscaling.ts';
import type { Resource } from '../kubernetes/effective-resources.ts';
import type { PodContainer } from '../kubernetes/pod-template.ts';
import { parseQuantity } from '../kubernetes/quantity.ts';
import type { Action } from './action.ts';
import type { CheckSubject } from './check.ts';
import { isInjected } from './injected-containers.ts';
import { containerIdentity, namedContainer } from './named-container.ts';

/** A container whose request or limit is missing, 0 or no quantity. */
export interface ResourceGap {
  readonly one: PodContainer;
  readonly resource: Resource;
  /** What stands there instead; undefined for nothing. */
  readonly written: unknown;
}

export function identityOf({ one, resource }: ResourceGap): string {
  return `${containerIdentity(one)}/${resource}`;
}

export function isPositive(quantity: unknown): boolean {
  return quantity !== undefined && (parseQuantity(quantity) ?? 0n) > 0n;
}

/** `container "app" has no memory limit`, or what is wrong with the one that it has. */
export function describeGap({ one, resource, written }: ResourceGap, field: 'request' | 'limit'): string {
  const container = namedContainer(one);
  if (written === undefined) return `${container} has no ${resource} ${field}`;
  if (parseQuantity(written) === undefined)
    return `${container} has the ${resource} ${field} ${JSON.stringify(written).slice(0, 24)}, which is no quantity`;
  const amount = written === null ? 'null, which means 0' : (written as string | number);
  return `${container} has a ${resource} ${field} of ${amount}`;
}

/** Init containers run for moments, a resize is often made in an emergency, and an injected container is not the author's. */
export function ceilingOf(
  one: PodContainer,
  subject: CheckSubject,
  injected: readonly string[],
): { readonly atMost?: Action } {
  if (isInjected(one.name, subject, injected)) return { atMost: 'Audit' };
  return one.class === 'init' || subject.subresource === 'resize' ? { atMost: 'Warn' } : {};
}

/** Resizes by the VerticalPodAutoscaler follow what the pods use: nobody wrote them. */
export function isVpaResize({ subresource, user }: CheckSubject): boolean {
  return subresource === 'resize' && isVpaUpdater(user);
}
