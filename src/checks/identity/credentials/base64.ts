import { gunzipSync } from 'node:zlib';

/** What may still be inflated while one object is judged, in bytes: gzip turns a kilobyte into a megabyte. */
export interface InflateBudget {
  left: number;
  /** Something did not fit. */
  exceeded: boolean;
}

export function newBudget(): InflateBudget {
  return { left: 8 * 1024 * 1024, exceeded: false };
}

/** Honest text does not shrink further. */
const greatestRatio = 200;

/** What the bytes say: text as it is, gzip inflated; undefined for anything binary (certificates, key stores, pictures). */
export function textOf(bytes: Buffer, budget: InflateBudget): string | undefined {
  if (!isGzip(bytes)) return printable(bytes);
  const inflated = inflate(bytes, budget);
  return inflated && printable(inflated);
}

/**
 * Every text that stands base64-coded in the text: the whole of it, or each long run of the alphabet (also the URL-safe
 * one). Lines of one wrapped block are taken as one.
 */
export function decodeWithin(text: string, budget: InflateBudget): readonly string[] {
  const found: string[] = [];
  for (const run of base64Runs(text)) {
    const decoded = textOf(Buffer.from(run, 'base64'), budget);
    if (decoded !== undefined) found.push(decoded);
  }
  return found;
}

/** Shorter ones cannot hold a credential. */
const shortestRun = 24;
/** `base64` and openssl wrap at 76 and 64 characters. */
const shortestWrapped = 60;
/** By character code; a table, since every character of every long value comes by here. */
const inAlphabet = new Uint8Array(128);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_') {
  inAlphabet[character.charCodeAt(0)] = 1;
}

/** Whether the text has a run of the alphabet that is at least so long. */
export function hasRun(text: string, length: number): boolean {
  for (let start = 0; start + length <= text.length; ) {
    const end = endOfRun(text, start);
    if (end - start >= length) return true;
    start = end + 1;
  }
  return false;
}

function base64Runs(text: string): readonly string[] {
  const runs: string[] = [];
  for (let start = 0; start + shortestRun <= text.length; ) {
    let end = endOfRun(text, start);
    if (end - start >= shortestRun) {
      const lines = [text.slice(start, end)];
      if (isWrapped(end - start)) end = collectLines(text, end, lines);
      runs.push(lines.length === 1 ? (lines[0] as string) : lines.join(''));
    }
    start = end + 1;
  }
  return runs;
}

function isWrapped(length: number): boolean {
  return length >= shortestWrapped && length % 4 === 0;
}

/** Adds the lines below the first while they are as long, and the last, shorter one. @returns where the block ends */
function collectLines(text: string, end: number, lines: string[]): number {
  const length = (lines[0] as string).length;
  for (;;) {
    const start = startOfNextLine(text, end);
    const stop = endOfRun(text, start);
    if (start === end || stop === start || stop - start > length) return end;
    lines.push(text.slice(start, stop));
    end = stop;
    if (stop - start < length) return end;
  }
}

/** Past the line break and the indentation; `end` itself where something else follows. */
function startOfNextLine(text: string, end: number): number {
  let i = end;
  let broken = false;
  for (; isSpace(text.charCodeAt(i)); i++) broken ||= text.charCodeAt(i) === 0x0a;
  return broken ? i : end;
}

function endOfRun(text: string, start: number): number {
  let i = start;
  while (inAlphabet[text.charCodeAt(i)] === 1) i++;
  return i;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}

function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** @returns undefined where the bytes are no gzip after all, or too much comes out of them */
function inflate(bytes: Buffer, budget: InflateBudget): Buffer | undefined {
  const most = Math.min(budget.left, bytes.length * greatestRatio);
  try {
    const inflated = gunzipSync(bytes, { maxOutputLength: Math.max(1, most) });
    budget.left -= inflated.length;
    return inflated;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') return undefined;
    // The work is done all the same, so it counts: else a thousand bombs would each get the whole budget.
    budget.left -= most;
    budget.exceeded = true;
    return undefined;
  }
}

/** The text, if at least nine characters of ten can be printed. A sample decides first: most of what is tried is binary. */
function printable(bytes: Buffer): string | undefined {
  if (!mostlyPrintable(bytes.toString('utf8', 0, 96))) return undefined;
  const text = bytes.toString('utf8');
  return bytes.length <= 96 || mostlyPrintable(text) ? text : undefined;
}

function mostlyPrintable(text: string): boolean {
  let strange = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code < 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) || code === 0x7f || code === 0xfffd) strange++;
  }
  return strange * 10 <= text.length;
}
