/** What a rule does about a finding: refuse the request, admit it with a warning, only record it, or not look. */
export type Action = 'Deny' | 'Warn' | 'Audit' | 'Off';

export const actions: readonly Action[] = ['Deny', 'Warn', 'Audit', 'Off'];

/** How much depends on a namespace or workload; see policy/tier.ts for how it is found. */
export type Tier = 'production' | 'standard' | 'sandbox';

export const tiers: readonly Tier[] = ['production', 'standard', 'sandbox'];

export type ActionByTier = Readonly<Record<Tier, Action>>;

/** The milder of two actions. */
export function milder(a: Action, b: Action): Action {
  return actions.indexOf(a) > actions.indexOf(b) ? a : b;
}
