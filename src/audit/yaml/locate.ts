import { CHOMPING_MODE, EVENT_ID, getScalarValue, SCALAR_STYLE } from 'js-yaml';
import { pointerKeys } from '../../kubernetes/json-pointer.ts';
import type { ScalarEvent } from './events.ts';
import { afterNode, kindOf, type Marks, offsetAt, styleOf, textEnd } from './marks.ts';
import { resolvePlain } from './resolve-plain.ts';

/**
 * Offset of the field with this JSON Pointer: of its key in a mapping, of the item in a list. A field that is not there is
 * found at the nearest parent that is; so is one that came through an alias or `<<`, because it stands elsewhere.
 * @param unique no key stands twice in a mapping, so that the first one found is the one that counts
 */
export function locate(pointer: string, marks: Marks, source: string, unique: boolean): number {
  let node = 1;
  let offset = offsetAt(marks, node);
  for (const key of pointerKeys(pointer)) {
    const child = childOf(node, key, marks, source, unique);
    if (child === undefined) break;
    node = child.node;
    const found = offsetAt(marks, child.place);
    if (found !== -1) offset = found;
  }
  return Math.max(offset, 0);
}

/** `place` is the event to point at, `node` the one where the value begins. */
interface Child {
  readonly node: number;
  readonly place: number;
}

function childOf(parent: number, key: string, marks: Marks, source: string, unique: boolean): Child | undefined {
  const kind = kindOf(marks, parent);
  if (kind === EVENT_ID.MAPPING) return valueOf(parent, key, marks, source, unique);
  return kind === EVENT_ID.SEQUENCE && /^\d+$/.test(key) ? itemOf(parent, Number(key), marks) : undefined;
}

/** Of a key that stands twice the last one, which is the one that counts. */
function valueOf(mapping: number, key: string, marks: Marks, source: string, unique: boolean): Child | undefined {
  let found: Child | undefined;
  let place = mapping + 1;
  while (kindOf(marks, place) !== EVENT_ID.POP) {
    const node = afterNode(marks, place);
    if (mayBe(key, place, marks, source) && keyText(place, marks, source) === key) {
      found = { node, place };
      if (unique) break;
    }
    place = afterNode(marks, node);
  }
  return found;
}

/**
 * Nearly all keys are plain words, and of another length than the one that is looked for. What begins with a letter stands for
 * itself, or for a boolean or null of as many letters.
 */
function mayBe(key: string, index: number, marks: Marks, source: string): boolean {
  if (kindOf(marks, index) !== EVENT_ID.SCALAR || styleOf(marks, index) !== SCALAR_STYLE.PLAIN) return true;
  const start = offsetAt(marks, index);
  return textEnd(marks, index) - start === key.length || !isLetter(source.charCodeAt(start));
}

/** Upper and lower case differ in one bit. */
function isLetter(code: number): boolean {
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

function keyText(index: number, marks: Marks, source: string): string | undefined {
  if (kindOf(marks, index) !== EVENT_ID.SCALAR) return undefined;
  const event = scalarEvent(index, marks);
  const text = getScalarValue(source, event);
  return event.style === SCALAR_STYLE.PLAIN ? String(resolvePlain(text)) : text;
}

/** The event as far as a key needs it: keys are not anchors, and no block text. */
function scalarEvent(index: number, marks: Marks): ScalarEvent {
  const style = styleOf(marks, index) as ScalarEvent['style'];
  const quoted = style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED;
  return {
    type: EVENT_ID.SCALAR,
    valueStart: offsetAt(marks, index) + (quoted ? 1 : 0),
    valueEnd: textEnd(marks, index),
    anchorStart: -1,
    anchorEnd: -1,
    tagStart: -1,
    tagEnd: -1,
    style,
    chomping: CHOMPING_MODE.CLIP,
    indent: 0,
    fast: false,
  };
}

function itemOf(sequence: number, index: number, marks: Marks): Child | undefined {
  let node = sequence + 1;
  for (let skipped = 0; kindOf(marks, node) !== EVENT_ID.POP; skipped++) {
    if (skipped === index) return { node, place: node };
    node = afterNode(marks, node);
  }
  return undefined;
}
