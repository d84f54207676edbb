import { findSharedAccessSignatures, sasLiteral } from './azure-sas.ts';
import { newBudget } from './base64.ts';
import { detectorOf, type DetectorId, type Hit } from './detectors.ts';
import { documentLiterals, findDocuments } from './documents.ts';
import { fingerprint } from './fingerprint.ts';
import { findKeyPairs, findNamedAwsSecrets, idLiterals } from './key-pairs.ts';
import { findNamedSecrets } from './named-secrets.ts';
import { namesForeignObjectStore } from './object-store.ts';
import type { ScanParams } from './scan-params.ts';
import { findTokens, tokenLiterals } from './token-detectors.ts';
import type { Unit } from './unit.ts';
import { type Reading, type View, viewsOf } from './views.ts';

/** What stays the same for all units of one object. */
export interface Scan extends Reading {
  readonly params: ScanParams;
  /** Detectors that do not apply to this kind of object. */
  readonly without: ReadonlySet<DetectorId>;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export function startScan(params: ScanParams, now: number, without: ReadonlySet<DetectorId> = new Set()): Scan {
  return { params, now, without, budget: newBudget(), maxBytes: params.maxBytes, unread: new Set() };
}

/** Every secret in the unit, none twice. */
export function scanUnit(unit: Unit, scan: Scan): readonly Hit[] {
  const views = unit.flatMap((part) => viewsOf(part, scan));
  const suspects = views.filter(({ text }) => literals.test(text));
  const found = new Map<string, Hit>();
  for (const hit of findAll(unit, views, suspects, scan.now)) {
    if (!counts(hit, scan)) continue;
    const key = `${hit.view.part.identity} ${hit.detector} ${hit.secret}`;
    if (!found.has(key)) found.set(key, hit);
  }
  return [...found.values()];
}

/** One search for all that detectors look for: most values hold none of it and are done with. */
const literals = new RegExp(
  [...tokenLiterals, ...idLiterals, ...documentLiterals, sasLiteral]
    .map((literal) => literal.replaceAll(/[+.]/g, '\\$&'))
    .join('|'),
);

function* findAll(unit: Unit, views: readonly View[], suspects: readonly View[], now: number): Generator<Hit> {
  for (const view of suspects) {
    yield* findTokens(view);
    yield* findSharedAccessSignatures(view, now);
    yield* findDocuments(view);
  }
  const pairs = [...findKeyPairs(views, suspects)];
  yield* pairs;
  const paired = new Set(pairs.map(({ secret }) => secret));
  for (const hit of findNamedAwsSecrets(views, namesForeignObjectStore(unit))) if (!paired.has(hit.secret)) yield hit;
  for (const part of unit) yield* findNamedSecrets(part);
}

function counts({ detector, confidence, view, secret }: Hit, { params, without }: Scan): boolean {
  if (view.depth > 0 && confidence !== 'high') return false;
  if (without.has(detector) || !isOn(detector, params)) return false;
  return params.allowHashes.length === 0 || !params.allowHashes.includes(fingerprint(secret));
}

function isOn(detector: DetectorId, { detectors, vendor }: ScanParams): boolean {
  if (detectors.includes(detector)) return true;
  return detectorOf(detector).vendor === true ? vendor : detectors.includes('cloud');
}
