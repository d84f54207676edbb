const width = 100;

/** Prose in lines of at most 100 columns; a word that is longer gets a line of its own. */
export function wrap(prose: string, indent: string): readonly string[] {
  if (indent.length + prose.length <= width) return [indent + prose];
  const lines: string[] = [];
  let line = indent;
  for (const word of prose.split(' ')) {
    if (line !== indent && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent;
    }
    line += line === indent ? word : ` ${word}`;
  }
  return [...lines, line];
}
