import { EVENT_ID, type Event } from 'js-yaml';
import { offsetOf } from './events.ts';

/**
 * Where the nodes of a document stand, three numbers for each of the parser's events: its kind, its offset in the source
 * (-1 for an empty value), and where it ends. A scalar ends at an offset, a list or mapping at the index of the event after
 * it, so that thousands of items are stepped over and not read. Kept for every document, where events would take
 * ten times the room and a second parse as long as the first.
 */
export type Marks = Int32Array;

export const kindOf = (marks: Marks, index: number): number => (marks[index * 3] as number) & 0xf;
export const styleOf = (marks: Marks, index: number): number => (marks[index * 3] as number) >> 4;
export const offsetAt = (marks: Marks, index: number): number => marks[index * 3 + 1] as number;
export const textEnd = (marks: Marks, index: number): number => marks[index * 3 + 2] as number;

/** Index of the event after the whole node that begins at this one. */
export function afterNode(marks: Marks, index: number): number {
  const kind = kindOf(marks, index);
  return kind === EVENT_ID.SEQUENCE || kind === EVENT_ID.MAPPING ? (marks[index * 3 + 2] as number) : index + 1;
}

export function markEvents(events: readonly Event[]): Marks {
  const marks = new Int32Array(events.length * 3);
  const open: number[] = [];
  for (let index = 0; index < events.length; index++) {
    const event = events[index] as Event;
    marks[index * 3] = event.type;
    marks[index * 3 + 1] = offsetOf(event) ?? -1;
    if (event.type === EVENT_ID.SCALAR) {
      marks[index * 3] = event.type | (event.style << 4);
      marks[index * 3 + 2] = event.valueEnd;
    } else if (event.type === EVENT_ID.POP) marks[(open.pop() as number) * 3 + 2] = index + 1;
    else if (event.type !== EVENT_ID.ALIAS) open.push(index);
  }
  return marks;
}
