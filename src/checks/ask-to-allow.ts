/**
 * The way out that only the policy has, which whoever reads a message seldom owns.
 * @param what `the host`, `"jane"`
 */
export function askToAllow(what: string, param: string): string {
  return `ask whoever runs daytwo to add ${what} to ${param} in the ReadinessPolicy`;
}
