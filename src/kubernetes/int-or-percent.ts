/**
 * The number behind an IntOrString such as a PodDisruptionBudget's `minAvailable`: 2 stays 2, `"50%"` is taken of
 * `total`. Which way a percentage rounds is the field's own rule: both fields of a PodDisruptionBudget and
 * `maxSurge` of a Deployment go up, `maxUnavailable` of a Deployment goes down.
 * @returns undefined for what the API server would refuse: `"2"`, `"50#"`, `1.5`
 */
export function resolveIntOrPercent(value: unknown, total: number, rounding: 'up' | 'down'): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? value : undefined;
  if (typeof value !== 'string' || !/^\d+%$/.test(value)) return undefined;
  const share = (Number(value.slice(0, -1)) * total) / 100;
  return rounding === 'up' ? Math.ceil(share) : Math.floor(share);
}
