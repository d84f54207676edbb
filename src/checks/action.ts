/** What a rule does about a finding: refuse the request, admit it with a warning, only record it, or not look. */
export type Action = 'Deny' | 'Warn' | 'Audit' | 'Off';

export const actions: readonly Action[] = ['Deny', 'Warn', 'Audit', 'Off'];

/** How much depends on a namespace or workload; see policy/tier.ts for how it is found. */
export type Tier = 'production' | 'standard' | 'sandbox';

export const tiers: readonly Tier[] = ['production', 'standard', 'sandbox'];

export type ActionByTier = Readonly<Record<Tier, Action>>;

/**
 * What follows from a companion (a PodDisruptionBudget, a NetworkPolicy) that is not there when an object arrives: a warning, a
 * companion made by `daytwo controller` in namespaces that opted in, or a refusal, for teams that apply companions first.
 */
export type WhenMissing = 'Warn' | 'Create' | 'Deny';

export const whenMissing: readonly WhenMissing[] = ['Warn', 'Create', 'Deny'];

/** What follows from the deletion of the last companion. */
export type OnLastDelete = 'Warn' | 'Deny';

export const onLastDelete: readonly OnLastDelete[] = ['Warn', 'Deny'];

/** The milder of two actions. */
export function milder(a: Action, b: Action): Action {
  return actions.indexOf(a) > actions.indexOf(b) ? a : b;
}
