import { type Tier, tiers } from '../checks/action.ts';
import { fields, text } from '../kubernetes/fields.ts';
import { matchesSelector } from '../kubernetes/label-selector.ts';
import type { TierSettings } from './readiness-policy.ts';

export const tierLabel = 'daytwo.dev/tier';

type Labels = Readonly<Record<string, string>>;

const environmentKeys = ['environment', 'env', 'app.kubernetes.io/environment', 'stage', 'tier'];
const customaryValues: ReadonlyMap<string, Tier> = new Map([
  ...['prod', 'production', 'prd', 'live'].map((value) => [value, 'production'] as const),
  ...['dev', 'development', 'sandbox', 'test', 'preview', 'ephemeral'].map((value) => [value, 'sandbox'] as const),
]);

/**
 * The tier of a namespace by its labels: `daytwo.dev/tier` first, then the policy's selectors (or, where it has none,
 * the customary environment labels), then the default. Names are no evidence: `nonprod-x` and `product-search` exist.
 */
export function namespaceTier(labels: unknown, settings: TierSettings): Tier {
  const map = fields(labels) as Labels;
  return readTier(map) ?? selected(map, settings) ?? settings.default ?? 'standard';
}

/**
 * The tier of an object in a namespace of the given tier: a label on the object or its pod template may raise it. It may
 * not lower it: whoever can edit a Deployment would exempt himself.
 */
export function objectTier(ofNamespace: Tier, ...labels: readonly unknown[]): Tier {
  let highest = ofNamespace;
  for (const map of labels) {
    const written = readTier(fields(map) as Labels);
    if (written !== undefined && tiers.indexOf(written) < tiers.indexOf(highest)) highest = written;
  }
  return highest;
}

function readTier(labels: Labels): Tier | undefined {
  const written = Object.hasOwn(labels, tierLabel) ? labels[tierLabel] : undefined;
  return tiers.find((tier) => tier === written);
}

function selected(labels: Labels, settings: TierSettings): Tier | undefined {
  for (const tier of ['production', 'sandbox'] as const) {
    const selector = settings[tier]?.namespaceSelector;
    if (selector === undefined ? customaryTier(labels) === tier : matchesSelector(selector, labels) === 'yes')
      return tier;
  }
  return undefined;
}

function customaryTier(labels: Labels): Tier | undefined {
  for (const key of environmentKeys) {
    const value = Object.hasOwn(labels, key) ? text(labels[key]) : undefined;
    const tier = value === undefined ? undefined : customaryValues.get(value.toLowerCase());
    if (tier !== undefined) return tier;
  }
  return undefined;
}
