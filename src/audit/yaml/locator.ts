import { EVENT_ID, type Event, getScalarValue, SCALAR_STYLE } from 'js-yaml';
import { pointerKeys } from '../../kubernetes/json-pointer.ts';
import { offsetOf } from './events.ts';
import { resolvePlain } from './resolve-plain.ts';

/** Offset of the field with this JSON Pointer: of its key in a mapping, of the item in a list. */
export type Locate = (pointer: string) => number;

/**
 * Finds fields in the events of a document. A field that is not there is found at the nearest parent that is; so is one
 * that came through an alias or `<<`, because it stands elsewhere.
 */
export function locator(events: readonly Event[], source: string): Locate {
  const ends = nodeEnds(events);
  return (pointer) => {
    let node = 1;
    let offset = offsetOf(events[node] as Event) ?? 0;
    for (const key of pointerKeys(pointer)) {
      const child = childOf(node, key, { events, source, ends });
      if (child === undefined) return offset;
      node = child.node;
      offset = offsetOf(events[child.place] as Event) ?? offset;
    }
    return offset;
  };
}

/** For each event that begins a node, the index after the event that ends it: a list of thousands is stepped over, not read. */
function nodeEnds(events: readonly Event[]): Int32Array {
  const ends = new Int32Array(events.length);
  const open: number[] = [];
  for (const [index, { type }] of events.entries()) {
    if (type === EVENT_ID.POP) ends[open.pop() as number] = index + 1;
    else if (type === EVENT_ID.SCALAR || type === EVENT_ID.ALIAS) ends[index] = index + 1;
    else open.push(index);
  }
  return ends;
}

interface Source {
  readonly events: readonly Event[];
  readonly source: string;
  readonly ends: Int32Array;
}

/** `place` is the event to point at, `node` the value. */
interface Child {
  readonly node: number;
  readonly place: number;
}

function childOf(parent: number, key: string, source: Source): Child | undefined {
  const type = source.events[parent]?.type;
  if (type === EVENT_ID.MAPPING) return valueOf(parent, key, source);
  return type === EVENT_ID.SEQUENCE && /^\d+$/.test(key) ? itemOf(parent, Number(key), source) : undefined;
}

/** Of a key that stands twice the last one, which is the one that counts. */
function valueOf(mapping: number, key: string, { events, source, ends }: Source): Child | undefined {
  let found: Child | undefined;
  let at = mapping + 1;
  while (events[at]?.type !== EVENT_ID.POP) {
    const node = ends[at] as number;
    if (keyText(events[at] as Event, source) === key) found = { node, place: at };
    at = ends[node] as number;
  }
  return found;
}

function keyText(event: Event, source: string): string | undefined {
  if (event.type !== EVENT_ID.SCALAR) return undefined;
  const text = getScalarValue(source, event);
  return event.style === SCALAR_STYLE.PLAIN ? String(resolvePlain(text)) : text;
}

function itemOf(sequence: number, index: number, { events, ends }: Source): Child | undefined {
  let at = sequence + 1;
  for (let skipped = 0; events[at]?.type !== EVENT_ID.POP; skipped++) {
    if (skipped === index) return { node: at, place: at };
    at = ends[at] as number;
  }
  return undefined;
}
