import { EVENT_ID, type Event, getScalarValue, SCALAR_STYLE, YAMLException } from 'js-yaml';
import { isFields } from '../../kubernetes/fields.ts';
import { type AliasEvent, offsetOf, type ScalarEvent } from './events.ts';
import { resolvePlain, type Scalar } from './resolve-plain.ts';

type Mapping = Record<string, unknown>;

/** A key that stands twice in one mapping; the last one counts. */
export interface DuplicateKey {
  readonly key: string;
  /** Offset of the later one in the source. */
  readonly offset: number;
}

export interface Composed {
  readonly value: unknown;
  readonly duplicates: readonly DuplicateKey[];
}

/**
 * The value of the first document among the parser's events, as kubectl would send it: js-yaml's own constructor follows
 * YAML 1.2, in which `on` is text and `0644` is decimal.
 * @throws {YAMLException} for what cannot be JSON: an alias without anchor, a mapping as a key, too many aliases
 */
export function compose(events: readonly Event[], source: string): Composed {
  const composition: Composition = {
    events,
    source,
    next: 1,
    anchors: new Map(),
    nodes: 0,
    aliased: 0,
    duplicates: [],
  };
  return { value: composeNode(composition), duplicates: composition.duplicates };
}

interface Composition {
  readonly events: readonly Event[];
  readonly source: string;
  /** Index of the next event. */
  next: number;
  readonly anchors: Map<string, { readonly value: unknown; readonly nodes: number }>;
  /** Nodes so far, those behind aliases included. */
  nodes: number;
  aliased: number;
  readonly duplicates: DuplicateKey[];
}

/** As many nodes as go-yaml lets aliases stand for; a few lines can otherwise unfold to billions. */
const aliasedNodesLimit = 400_000;

function composeNode(composition: Composition): unknown {
  const event = composition.events[composition.next++] as Event;
  if (event.type === EVENT_ID.ALIAS) return resolveAlias(composition, event);
  const before = composition.nodes++;
  const value = composeContent(composition, event);
  if ('anchorStart' in event && event.anchorStart !== -1) {
    const name = composition.source.slice(event.anchorStart, event.anchorEnd);
    composition.anchors.set(name, { value, nodes: composition.nodes - before });
  }
  return value;
}

function composeContent(composition: Composition, event: Event): unknown {
  if (event.type === EVENT_ID.SCALAR) return composeScalar(composition, event);
  return event.type === EVENT_ID.MAPPING ? composeMapping(composition) : composeSequence(composition);
}

function resolveAlias(composition: Composition, event: AliasEvent): unknown {
  const name = composition.source.slice(event.anchorStart, event.anchorEnd);
  const anchor = composition.anchors.get(name);
  if (anchor === undefined) return refuse(composition, event, `no anchor &${name} ends before this alias`);
  composition.nodes += anchor.nodes;
  composition.aliased += anchor.nodes;
  if (composition.aliased > aliasedNodesLimit)
    refuse(composition, event, 'aliases unfold to too many values; kubectl refuses such a document too');
  return anchor.value;
}

function composeSequence(composition: Composition): unknown[] {
  const items: unknown[] = [];
  while (!atEnd(composition)) items.push(composeNode(composition));
  return items;
}

function composeMapping(composition: Composition): Mapping {
  const mapping: Mapping = {};
  // Keys that came by `<<`: writing one of those again is an override, not a duplicate.
  let merged: Set<string> | undefined;
  while (!atEnd(composition)) {
    const keyEvent = composition.events[composition.next] as Event;
    if (isMerge(composition, keyEvent)) {
      composition.next++;
      merged = merge(composition, keyEvent, mapping, merged);
      continue;
    }
    const key = composeKey(composition, keyEvent);
    if (Object.hasOwn(mapping, key) && !merged?.delete(key))
      composition.duplicates.push({ key, offset: offsetOf(keyEvent) ?? 0 });
    put(mapping, key, composeNode(composition));
  }
  return mapping;
}

/** Consumes the event that closes the collection, if it is next. */
function atEnd(composition: Composition): boolean {
  if (composition.events[composition.next]?.type !== EVENT_ID.POP) return false;
  composition.next++;
  return true;
}

function composeKey(composition: Composition, event: Event): string {
  const key = composeNode(composition);
  if (typeof key === 'string') return key;
  if (typeof key === 'number' || typeof key === 'boolean') return String(key);
  return refuse(composition, event, `${key === null ? 'nothing' : 'a mapping or list'} cannot be a key`);
}

function isMerge({ source }: Composition, event: Event): boolean {
  return (
    event.type === EVENT_ID.SCALAR &&
    event.style === SCALAR_STYLE.PLAIN &&
    event.valueEnd - event.valueStart === 2 &&
    source.startsWith('<<', event.valueStart)
  );
}

/** As in go-yaml, `<<` overrides what stands above it and is overridden by what stands below; of a list the first wins. */
function merge(composition: Composition, key: Event, mapping: Mapping, merged = new Set<string>()): Set<string> {
  const value = composeNode(composition);
  for (const source of Array.isArray(value) ? value.toReversed() : [value]) {
    if (!isFields(source)) return refuse(composition, key, '<< needs a mapping or a list of mappings');
    for (const name of Object.keys(source)) {
      put(mapping, name, source[name]);
      merged.add(name);
    }
  }
  return merged;
}

function put(mapping: Mapping, key: string, value: unknown): void {
  if (key !== '__proto__') mapping[key] = value;
  else Object.defineProperty(mapping, key, { value, enumerable: true, configurable: true, writable: true });
}

function composeScalar(composition: Composition, event: ScalarEvent): Scalar {
  const text = getScalarValue(composition.source, event);
  if (event.tagStart !== -1) return resolveTagged(composition, event, text);
  if (event.style !== SCALAR_STYLE.PLAIN) return text;
  const value = resolvePlain(text);
  if (typeof value === 'number' && !Number.isFinite(value))
    refuse(composition, event, `${text} cannot be written as JSON`);
  return value;
}

const typeOfTag: Readonly<Record<string, 'number' | 'boolean' | 'object'>> = {
  '!!int': 'number',
  '!!float': 'number',
  '!!bool': 'boolean',
  '!!null': 'object',
};

/** Tags that Kubernetes knows nothing of leave the text as it is. */
function resolveTagged(composition: Composition, event: ScalarEvent, text: string): Scalar {
  const tag = composition.source.slice(event.tagStart, event.tagEnd).replace(/^!<tag:yaml.org,2002:(.*)>$/, '!!$1');
  if (tag === '!!binary') return Buffer.from(text, 'base64').toString();
  const type = typeOfTag[tag];
  if (type === undefined) return text;
  const value = resolvePlain(text);
  // The text itself may be a secret.
  return typeof value === type ? value : refuse(composition, event, `this value is not ${tag}`);
}

function refuse({ source }: Composition, event: Event, reason: string): never {
  return YAMLException.throwAt(source, offsetOf(event) ?? 0, reason);
}
