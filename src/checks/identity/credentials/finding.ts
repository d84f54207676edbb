import type { ActionByTier } from '../../action.ts';
import { askToAllow } from '../../ask-to-allow.ts';
import type { Finding } from '../../check.ts';
import { detectorOf, type Hit } from './detectors.ts';
import { fingerprint } from './fingerprint.ts';
import type { Part } from './unit.ts';

/** The ceiling of what warns at most. */
export const warnAtMost: ActionByTier = { production: 'Warn', standard: 'Warn', sandbox: 'Audit' };

/**
 * The findings of one unit: a variable has one, a file or command line one for each detector, with all lines in it. The
 * message tells the place and the end of a key id, the fix detector and fingerprints; nothing else of a secret ever leaves
 * the detectors.
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
    const same = [hit, ...others.filter(({ detector }) => detector === hit.detector)] as const;
    const message = describe(same);
    const covers = there.map((one) => secretOf(one, identity));
    const finding = { identity, covers, path: hit.view.part.pointer, message, ...weigh(hit), ...more(hit) };
    yield { ...finding, fix: `${finding.fix}\n${sourceOf(same)}` };
  }
}

/** Silence would read as "nothing found". */
export function notScanned({ where, identity, pointer }: Part, maxBytes: number): Finding {
  return {
    identity: `${identity}/not-scanned`,
    path: pointer,
    message: `${where} was not scanned to its end: over ${maxBytes} bytes, or over 8 MiB inflated`,
    why: 'a key in the rest of it would go unseen',
    fix: `Split it, or keep large and compressed files in an image or a volume\nOr ask whoever runs daytwo to raise maxBytes in the ReadinessPolicy`,
    atMost: 'Audit',
    severity: 'info',
  };
}

function gravity(hit: Hit): number {
  return ['low', 'medium', 'high'].indexOf(hit.confidence) * 2 + (isTemporary(hit) ? 0 : 1);
}

/** How strict, how grave and why, where that differs from the check. */
function weigh(hit: Hit): Pick<Finding, 'atMost' | 'severity' | 'why'> {
  if (hit.confidence === 'low') return { atMost: 'Audit', severity: 'info', why: ended };
  if (hit.confidence === 'medium') return { atMost: warnAtMost, severity: 'medium' };
  return isTemporary(hit) ? { severity: 'high', why: ending } : {};
}

const ended = 'it opens nothing any more, but readers will copy the habit';
const ending = 'whoever can read the object has the key until it expires, and the application fails when it does';

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
  const expired = confidence === 'low' ? ', which has expired' : '';
  const id = keyId === undefined ? '' : ` (…${keyId.slice(-4)})`;
  return `${view.part.where}${linesOf(hits)} ${detectorOf(detector).what}${expired}${id}`;
}

/** By what it was found, and under which names the policy can allow it. */
function sourceOf(hits: readonly [Hit, ...Hit[]]): string {
  const [{ detector }] = hits;
  const found = `Found by detector ${detector}`;
  if (detectorOf(detector).guessable === true) return found;
  const prints = new Set(hits.slice(0, shown).map(({ secret }) => fingerprint(secret)));
  return `${found}; if it is no secret, ${askToAllow(`fingerprint ${[...prints].join(' and ')}`, 'allowHashes')}`;
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
