import { expect, test } from 'vitest';
import { jsonItems } from '../../src/cluster/json-items.ts';

const items = [
  { metadata: { name: 'größe', labels: {}, finalizers: [] }, spec: { ports: [{ port: 80 }, { port: 443 }] } },
  { metadata: { name: 'quo"te\\', annotations: { json: '{"items":[{"a":"]}"}],\\"' } } },
  {},
];
const list = { kind: 'ThingList', apiVersion: 'v1', metadata: { resourceVersion: '7', continue: 'a,b]}' }, items };

const forms = [
  ['compact', JSON.stringify(list)],
  ['indented', JSON.stringify(list, null, 2)],
  ['with its items first', JSON.stringify(Object.fromEntries(Object.entries(list).toReversed()))],
  ['of no items', JSON.stringify({ ...list, items: [] })],
] as const;

test.each(forms.flatMap(([form, text]) => [1, 2, 5, 64, 9999].map((size) => [form, size, text] as const)))(
  'reads a list %s in chunks of %i bytes',
  async (_form, size, text) => {
    const found: unknown[] = [];
    const rest = await jsonItems(chunks(Buffer.from(text), size), (item) => found.push(item));
    expect({ ...(rest as object), items: found }).toEqual(JSON.parse(text));
    expect(rest).toHaveProperty('items', []);
  },
);

test.each(['{"kind":"ThingList","items":[{"a":1},{"b":', '<html>', ''])('throws at %j', async (text) => {
  await expect(jsonItems(chunks(Buffer.from(text), 99), () => {})).rejects.toThrow(SyntaxError);
});

async function* chunks(all: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < all.length; start += size) yield all.subarray(start, start + size);
}
