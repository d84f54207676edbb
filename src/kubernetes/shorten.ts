/** At most so many characters, ending in `…` where something was cut; never half a surrogate pair. */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** A value to show in quotes; of one that may be a secret in the wrong place only how long it is. */
export function quoted(value: string, limit: number): string {
  return /^[\w+/=-]{20,}$/.test(value) ? `of ${value.length} characters` : JSON.stringify(shorten(value, limit));
}
