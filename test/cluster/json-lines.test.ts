import { expect, test } from 'vitest';
import { jsonLines } from '../../src/cluster/json-lines.ts';

const values = [{ type: 'ADDED', name: 'größe' }, { note: 'a\nb' }, 1, { face: '🙂' }];
const bytes = Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''));

test.each([1, 2, 3, 7, 64, bytes.length])(
  'reads every value from chunks of %i bytes, whatever they cut apart',
  async (size) => {
    expect(await collect(jsonLines(chunks(bytes, size)))).toEqual(values);
  },
);

test('skips empty lines and leaves out a last line that was not finished', async () => {
  expect(await collect(jsonLines(chunks(Buffer.from('\n{"a":1}\n\n{"b":'), 4)))).toEqual([{ a: 1 }]);
});

test('throws at a line that is no JSON', async () => {
  await expect(collect(jsonLines(chunks(Buffer.from('{"a":1}\n<html>\n'), 99)))).rejects.toThrow(SyntaxError);
});

async function* chunks(all: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < all.length; start += size) yield all.subarray(start, start + size);
}

async function collect(lines: AsyncIterable<unknown>): Promise<readonly unknown[]> {
  const collected: unknown[] = [];
  for await (const line of lines) collected.push(line);
  return collected;
}
