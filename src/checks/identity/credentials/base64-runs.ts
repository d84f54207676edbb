import { mayNameSecret } from './named-secrets.ts';
import { nameBefore } from './names.ts';

/**
 * Every long run of base64 characters (also the URL-safe ones) in the text, with the lines of a wrapped block joined.
 * Padding is left out: decoders do without.
 */
export function base64Runs(text: string): readonly string[] {
  const runs: string[] = [];
  for (let end = 0; ; ) {
    const start = startOfRun(text, end);
    if (start === -1) return runs;
    end = endOfRun(text, start);
    const lines = [text.slice(start, end)];
    if (isWrapped(end - start)) end = collectLines(text, end, lines);
    runs.push(lines.join(''));
  }
}

/** Whether the text has such a run: whatever only its randomness gives away is one, and so is base64 of anything. */
export function hasBase64Run(text: string): boolean {
  return startOfRun(text, 0) !== -1;
}

/** Shorter ones cannot hold a credential. */
const shortestRun = 24;
/** By character code; a table, since every long value comes by here. */
const alphabet = new Uint8Array(128);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_') {
  alphabet[character.charCodeAt(0)] = 1;
}

/**
 * Where the next run begins, or -1. One without a capital is a path, a hash or a UUID: text in base64 has them, since they
 * stand for spaces and digits. But a name before it may say that it is a token in hex.
 */
function startOfRun(text: string, from: number): number {
  let start = from;
  while (start + shortestRun <= text.length) {
    // From the end of the window, so that most characters need not be looked at.
    let i = start + shortestRun - 1;
    while (i >= start && isInAlphabet(text.charCodeAt(i))) i--;
    if (i >= start) start = i + 1;
    else {
      const end = endOfRun(text, start);
      if (hasCapital(text, start, end) || isNamed(text, start)) return start;
      start = end + 1;
    }
  }
  return -1;
}

function hasCapital(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x41 && code <= 0x5a) return true;
  }
  return false;
}

/** `LINODE_TOKEN=…` in hex. The name is only looked at where the value can be one, so that paths and flags cost nothing. */
function isNamed(text: string, start: number): boolean {
  if (text.charCodeAt(start - 1) !== 0x3d) return false;
  for (let i = start; i < start + 8; i++) if (!isHex(text.charCodeAt(i))) return false;
  return mayNameSecret(nameBefore(text, start).replace(/^-+/, ''));
}

function isHex(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66);
}

function endOfRun(text: string, start: number): number {
  let i = start;
  while (i < text.length && isInAlphabet(text.charCodeAt(i))) i++;
  return i;
}

function isInAlphabet(code: number): boolean {
  return code < 128 && alphabet[code] === 1;
}

/** `base64` and openssl wrap at 76 and 64 characters. */
function isWrapped(length: number): boolean {
  return length >= 60 && length % 4 === 0;
}

/** Adds the lines below the first while they are as long, and the last, shorter one. @returns where the block ends */
function collectLines(text: string, end: number, lines: string[]): number {
  const length = (lines[0] as string).length;
  for (let last = end; ; ) {
    const start = startOfNextLine(text, last);
    const stop = endOfRun(text, start);
    if (start === last || stop === start || stop - start > length) return last;
    lines.push(text.slice(start, stop));
    last = stop;
    if (stop - start < length) return last;
  }
}

/** Past the line break and the indentation; `end` itself where something else follows. */
function startOfNextLine(text: string, end: number): number {
  let i = end;
  let broken = false;
  for (; isSpace(text.charCodeAt(i)); i++) broken ||= text.charCodeAt(i) === 0x0a;
  return broken ? i : end;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}
