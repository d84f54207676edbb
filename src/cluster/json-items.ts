/**
 * Reads a list of the API as it arrives and hands out its items one by one. A page parsed as a whole would be ten times as
 * large as what is kept of it, and V8 gives back little of what it once needed.
 * @returns the list without its items
 * @throws {SyntaxError} where it is not JSON
 */
export async function jsonItems(chunks: AsyncIterable<Uint8Array>, onItem: (item: unknown) => void): Promise<unknown> {
  const rest: Uint8Array[] = [];
  let item: Uint8Array[] = [];
  let depth = 0;
  /** The only list right below the top is `items`. */
  let inItems = false;
  let inString = false;
  let isEscaped = false;
  for await (const chunk of chunks) {
    let start = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (inString) {
        inString = isEscaped || byte !== quote;
        isEscaped = !isEscaped && byte === backslash;
      } else if (byte === quote) {
        inString = true;
      } else if (byte === openingBrace || byte === openingBracket) {
        depth += 1;
        if (depth === 2) inItems = byte === openingBracket;
        if (depth !== 3 || !inItems) continue;
        rest.push(chunk.subarray(start, at));
        start = at;
      } else if (byte === closingBrace || byte === closingBracket) {
        depth -= 1;
        if (depth !== 2 || !inItems) continue;
        item.push(chunk.subarray(start, at + 1));
        start = at + 1;
        onItem(parse(item));
        item = [];
      } else if (byte === comma && depth === 2 && inItems) {
        start = at + 1;
      }
    }
    (depth > 2 && inItems ? item : rest).push(chunk.subarray(start));
  }
  return parse(rest);
}

function parse(parts: readonly Uint8Array[]): unknown {
  return JSON.parse(Buffer.concat(parts).toString());
}

const quote = 0x22;
const comma = 0x2c;
const openingBracket = 0x5b;
const backslash = 0x5c;
const closingBracket = 0x5d;
const openingBrace = 0x7b;
const closingBrace = 0x7d;
