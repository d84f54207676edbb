/**
 * The JSON values of a stream that separates them by line feeds, as a watch does. A chunk may end anywhere, in the
 * middle of a character too, so nothing is decoded before its line is complete.
 * @throws {SyntaxError} where a line is not JSON
 */
export async function* jsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown, void, void> {
  /** Of one unfinished line: joined once, when it ends, since a large object comes in many chunks. */
  let parts: Uint8Array[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      parts.push(chunk.subarray(start, end));
      const line = Buffer.concat(parts).toString();
      parts = [];
      start = end + 1;
      if (line !== '') yield JSON.parse(line);
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  }
}

const lineFeed = 0x0a;
