/** Whether a name fits any of the patterns; `*` stands for any run of characters, everything else for itself. */
export function globMatcher(patterns: readonly string[]): (name: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('*')));
  const starred = patterns.filter((pattern) => pattern.includes('*')).map(starMatcher);
  return (name) => exact.has(name) || starred.some((fits) => fits(name));
}

/**
 * No regular expression: one with many stars tries every way to share out the name between them, and whoever writes an
 * exemption writes the pattern. The first place for each piece between two stars is as good as any later one.
 */
function starMatcher(pattern: string): (name: string) => boolean {
  const pieces = pattern.split(/\*+/);
  const head = pieces.shift() ?? '';
  const tail = pieces.pop() ?? '';
  return (name) => {
    const end = name.length - tail.length;
    if (end < head.length || !name.startsWith(head) || !name.endsWith(tail)) return false;
    let from = head.length;
    for (const piece of pieces) {
      const at = name.indexOf(piece, from);
      if (at === -1) return false;
      from = at + piece.length;
    }
    return from <= end;
  };
}
