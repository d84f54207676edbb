import type { Check, ParamMistake } from '../checks/check.ts';
import { type GroupKind, groupKindOf, type KubernetesObject } from '../kubernetes/object.ts';
import { exemptionKind, writtenMistakes } from './exemption.ts';
import { readPolicy } from './read-policy.ts';

export const policyKind = 'daytwo.dev/ReadinessPolicy' satisfies GroupKind;

/** The kinds that daytwo itself is told by: no check judges them. */
export const ownKinds: readonly GroupKind[] = [policyKind, exemptionKind];

/**
 * Every mistake in a ReadinessPolicy or ReadinessExemption that somebody writes; none for objects of other kinds.
 * @param now milliseconds since 1970
 */
export function mistakesInOwnKind(
  object: KubernetesObject,
  now: number,
  checklist: readonly Check[],
): readonly ParamMistake[] {
  const kind = groupKindOf(object);
  if (kind === policyKind) return readPolicy(object, checklist).mistakes;
  return kind === exemptionKind ? writtenMistakes(object, now, checklist) : [];
}
