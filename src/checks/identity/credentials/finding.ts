import type { ActionByTier } from '../../action.ts';
import type { Finding } from '../../check.ts';
import { detectorOf, type Hit } from './detectors.ts';
import { fingerprint } from './fingerprint.ts';
import type { Part } from './unit.ts';

/** The ceiling of what warns at most. */
export const warnAtMost: ActionByTier = { production: 'Warn', standard: 'Warn', sandbox: 'Audit' };

/**
 * The findings of one unit: a variable has one, a file or command line one for each detector, with all lines in it. The
 * message tells place, detector, fingerprints and the end of a key id; nothing else of a secret ever leaves the detectors.
 */
export function* describeHits(
  hits: readonly Hit[],
  more: (hit: Hit) => Pick<Finding, 'fix'> & Partial<Finding>,
): Generator<Finding> {
  const places = new Map<string, [Hit, ...Hit[]]>();
  for (const hit of hits) {
    const identity = identityOf(hit);
    const there = places.get(identity);
    if (there === undefined) places.set(identity, [hit]);
    else there.push(hit);
  }
  for (const [identity, there] of places) {
    // By the gravest: an expired signature put before a valid one must not excuse it.
    const [hit, ...others] = there.toSorted((a, b) => gravity(b) - gravity(a)) as [Hit, ...Hit[]];
    const message = describe([hit, ...others.filter(({ detector }) => detector === hit.detector)]);
    const covers = there.map((one) => secretOf(one, identity));
    yield { identity, covers, path: hit.view.part.pointer, message, ...weigh(hit), ...more(hit) };
  }
}

/** Silence would read as "nothing found". */
export function notScanned({ where, identity, pointer }: Part, maxBytes: number): Finding {
  return {
    identity: `${identity}/not-scanned`,
    path: pointer,
    message: `${where} was not scanned to its end: over ${maxBytes} bytes, or over 8 MiB inflated`,
    why: 'a key in the rest of it would go unseen',
    fix: 'Split it, or keep large and compressed files in an image or a volume; maxBytes of the rule raises the limit',
    atMost: 'Audit',
    severity: 'info',
  };
}

function gravity(hit: Hit): number {
  return ['low', 'medium', 'high'].indexOf(hit.confidence) * 2 + (isTemporary(hit) ? 0 : 1);
}

/** How strict and how grave, where that differs from the check. */
function weigh(hit: Hit): Pick<Finding, 'atMost' | 'severity'> {
  if (hit.confidence === 'low') return { atMost: 'Audit', severity: 'info' };
  if (hit.confidence === 'medium') return { atMost: warnAtMost, severity: 'medium' };
  return isTemporary(hit) ? { severity: 'high' } : {};
}

/** AWS keys with such ids end by themselves, within 36 hours. */
function isTemporary({ keyId }: Hit): boolean {
  return keyId?.startsWith('ASIA') === true;
}

function identityOf({ view: { part }, detector }: Hit): string {
  return part.holds === 'value' ? part.identity : `${part.identity}/${detector}`;
}

/** Another key in the same place is a new finding. What can be guessed has no fingerprint, so there the place must do. */
function secretOf({ detector, secret }: Hit, identity: string): string {
  return detectorOf(detector).guessable === true ? identity : `${identity}#${fingerprint(secret)}`;
}

function describe(hits: readonly [Hit, ...Hit[]]): string {
  const [{ detector, keyId, confidence, view }] = hits;
  const { what, guessable } = detectorOf(detector);
  const ended = confidence === 'low' ? ', which has expired' : '';
  const id = keyId === undefined ? '' : `, id …${keyId.slice(-4)}`;
  const prints = guessable === true ? '' : ` ${fingerprintsOf(hits)}`;
  return `${view.part.where}${linesOf(hits)} ${what}${ended}${id} (${detector}${prints})`;
}

function fingerprintsOf(hits: readonly Hit[]): string {
  return [...new Set(hits.slice(0, shown).map(({ secret }) => fingerprint(secret)))].join(' ');
}

/** ` line 3 holds`, ` lines 3, 9 hold`; no number where the secret was decoded, or the value has only one line. */
function linesOf(hits: readonly [Hit, ...Hit[]]): string {
  if (hits[0].view.depth > 0) return ' holds in base64';
  const inLines = hits.filter(({ view }) => view.verbatim && view.text.includes('\n'));
  const lines = [...new Set(inLines.slice(0, shown).map(lineOf))].sort((a, b) => a - b);
  if (lines.length === 0) return ' holds';
  if (lines.length === 1) return ` line ${lines[0]} holds`;
  return ` lines ${lines.join(', ')}${inLines.length > shown ? ', …' : ''} hold`;
}

/** Of many keys in one place. */
const shown = 3;

function lineOf({ view, index }: Hit): number {
  let line = 1;
  for (let i = view.text.indexOf('\n'); i !== -1 && i < index; i = view.text.indexOf('\n', i + 1)) line++;
  return line;
}
