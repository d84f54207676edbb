/** The text of one document in a stream, and where it begins. */
export interface DocumentText {
  readonly text: string;
  /** Offset of `text` in the whole stream. */
  readonly offset: number;
  /** What follows `---` in the line before it, where kubectl allows nothing but a comment; otherwise undefined. */
  readonly strayText: string | undefined;
}

/**
 * Cuts a stream at the lines that begin with `---` before anything is parsed, as kubectl does: a document that is
 * broken then cannot hide its neighbours. Source: YAMLReader in k8s.io/apimachinery.
 */
export function* splitDocuments(stream: string): Iterable<DocumentText> {
  let start = 0;
  let strayText: string | undefined;
  while (start <= stream.length) {
    const separator = nextSeparator(stream, start);
    yield { text: stream.slice(start, separator), offset: start, strayText };
    const lineEnd = endOfLine(stream, separator);
    const rest = stream.slice(separator + 3, lineEnd);
    strayText = /^\s*(?:#|$)/.test(rest) ? undefined : rest;
    start = lineEnd + 1;
  }
}

/** Offset of the next line that begins with `---`, or the end. */
function nextSeparator(stream: string, from: number): number {
  if (stream.startsWith('---', from)) return from;
  const found = stream.indexOf('\n---', from);
  return found === -1 ? stream.length : found + 1;
}

function endOfLine(stream: string, from: number): number {
  const found = stream.indexOf('\n', from);
  return found === -1 ? stream.length : found;
}
