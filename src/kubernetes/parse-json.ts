/** What a text in JSON holds; undefined for any other. Never throws: V8 would quote the text, which may be a secret, in its message. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
