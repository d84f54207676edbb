/** Whether a name fits any of the patterns; `*` stands for any run of characters, everything else for itself. */
export function globMatcher(patterns: readonly string[]): (name: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('*')));
  const starred = patterns.filter((pattern) => pattern.includes('*')).map(toRegExp);
  return (name) => exact.has(name) || starred.some((pattern) => pattern.test(name));
}

function toRegExp(pattern: string): RegExp {
  const source = pattern
    .split(/\*+/)
    .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join('.*');
  return new RegExp(`^${source}$`);
}
