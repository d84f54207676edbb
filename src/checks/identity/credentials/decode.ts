import { nodeZlib } from '../../late-modules.ts';
import { base64Runs } from './base64-runs.ts';

/** What may still be inflated while one object is judged, in bytes: gzip turns a kilobyte into a megabyte. */
export interface InflateBudget {
  left: number;
  /** Something did not fit. */
  exceeded: boolean;
}

export function newBudget(): InflateBudget {
  return { left: 8 * 1024 * 1024, exceeded: false };
}

/** What the bytes say: text as it is, gzip inflated; undefined for anything binary (certificates, key stores, pictures). */
export function textOf(bytes: Buffer, budget: InflateBudget): string | undefined {
  if (!isGzip(bytes)) return printable(bytes);
  const inflated = inflate(bytes, budget);
  return inflated && printable(inflated);
}

/** Every text that stands base64-coded in the text. */
export function decodeWithin(text: string, budget: InflateBudget): readonly string[] {
  const found: string[] = [];
  for (const run of base64Runs(text)) {
    const decoded = textOf(Buffer.from(run, 'base64'), budget);
    if (decoded !== undefined) found.push(decoded);
  }
  return found;
}

/** Honest text does not shrink further. */
const greatestRatio = 200;
/** In bytes: inflating a few of them takes as long as inflating so many, and an object has room for thousands of tiny ones. */
const leastCost = 32 * 1024;

function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** @returns undefined where the bytes are no gzip after all, or too much comes out of them */
function inflate(bytes: Buffer, budget: InflateBudget): Buffer | undefined {
  const most = Math.min(budget.left, bytes.length * greatestRatio);
  if (most <= 0) {
    budget.exceeded = true;
    return undefined;
  }
  try {
    const inflated = nodeZlib().gunzipSync(bytes, { maxOutputLength: most });
    budget.left -= Math.max(inflated.length, leastCost);
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
  if (!isPrintable(bytes.toString('utf8', 0, sample))) return undefined;
  const text = bytes.toString('utf8');
  return bytes.length <= sample || isPrintable(text) ? text : undefined;
}

const sample = 96;

function isPrintable(text: string): boolean {
  let strange = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code < 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) || code === 0x7f || code === 0xfffd) strange++;
  }
  return strange * 10 <= text.length;
}
