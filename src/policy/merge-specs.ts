import type { PolicySpec, TierSettings } from './readiness-policy.ts';

/** What several policies say besides their rules: lists are united, and of single settings the first that is made stands. */
export function mergeSpecs(
  specs: readonly PolicySpec[],
): Required<Pick<PolicySpec, 'tiers' | 'systemNamespaces' | 'operatorManagers' | 'enforceUnknownOwners'>> {
  const tiers = specs.map((spec) => spec.tiers ?? {});
  return {
    // Later ones are written over by earlier ones.
    tiers: Object.assign({}, ...tiers.toReversed()) as TierSettings,
    systemNamespaces: specs.flatMap(({ systemNamespaces = [] }) => systemNamespaces),
    operatorManagers: specs.flatMap(({ operatorManagers = [] }) => operatorManagers),
    enforceUnknownOwners:
      specs.find(({ enforceUnknownOwners }) => enforceUnknownOwners !== undefined)?.enforceUnknownOwners ?? false,
  };
}
