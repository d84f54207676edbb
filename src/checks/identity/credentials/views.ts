import { decodeWithin, type InflateBudget, textOf } from './decode.ts';
import { mayNameSecret } from './named-secrets.ts';
import { mayHoldSecret } from './suspicion.ts';
import type { Part } from './unit.ts';

/** One way to read a part: as it stands, with its escapes resolved, or decoded from base64 within it. */
export interface View {
  readonly part: Part;
  readonly text: string;
  /** How often it was decoded. Below 0 detectors that go by randomness would lie: base64 of anything looks random. */
  readonly depth: number;
  /** The part itself, so that a position in it means something to its author. */
  readonly verbatim: boolean;
}

/** What the reading of one object may cost, and what it left out. */
export interface Reading {
  /** Of the bytes that gzip may still put out. */
  readonly budget: InflateBudget;
  /** How much of one value is read, in bytes. */
  readonly maxBytes: number;
  /** Parts that were not read to their end. */
  readonly unread: Set<Part>;
}

/** The views of a part; none for what cannot hold a credential, which is nearly everything. */
export function viewsOf(part: Part, reading: Reading): readonly View[] {
  if (part.holds === 'hint') return none;
  const text = readPart(part, reading);
  if (text === undefined || !(mayHoldSecret(text) || mayNameSecret(part.name))) return none;
  const views: View[] = [];
  collectViews(views, part, text, 0, reading.budget);
  if (reading.budget.exceeded) reading.unread.add(part);
  reading.budget.exceeded = false;
  return views;
}

const none: readonly View[] = [];
const deepest = 2;

function readPart(part: Part, { budget, maxBytes, unread }: Reading): string | undefined {
  const longest = part.encoded === true ? Math.ceil(maxBytes / 3) * 4 : maxBytes;
  if (part.value.length > longest) unread.add(part);
  const value = part.value.length > longest ? part.value.slice(0, longest) : part.value;
  if (part.encoded !== true) return value;
  const text = textOf(Buffer.from(value, 'base64'), budget);
  if (budget.exceeded) unread.add(part);
  return text;
}

function collectViews(views: View[], part: Part, text: string, depth: number, budget: InflateBudget): void {
  views.push({ part, text, depth, verbatim: depth === 0 });
  const plain = unescape(text);
  if (plain !== text) views.push({ part, text: plain, depth, verbatim: false });
  if (depth === deepest) return;
  for (const decoded of decodeWithin(plain, budget)) {
    if (mayHoldSecret(decoded)) collectViews(views, part, decoded, depth + 1, budget);
  }
}

/** Resolves what JSON, YAML's double quotes, properties and URLs escape within keys: `\n`, `\/`, `\u002b`, `%2F`. */
function unescape(text: string): string {
  if (!text.includes('\\') && !text.includes('%')) return text;
  return text.replaceAll(escapes, (sequence, unicode?: string, letter?: string) => {
    if (unicode !== undefined) return String.fromCharCode(Number.parseInt(unicode, 16));
    if (letter === undefined) return String.fromCharCode(Number.parseInt(sequence.slice(1), 16));
    return letter === 'n' || letter === 'r' || letter === 't' ? '\n' : letter;
  });
}

const escapes = /\\(?:u([0-9a-fA-F]{4})|(["'\\/nrt=:]))|%(?:2[BbFf]|3[DdAa]|26)/g;
