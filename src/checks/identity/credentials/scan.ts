import { findSharedAccessSignatures } from './azure-sas.ts';
import { newBudget } from './decode.ts';
import { detectorOf, type DetectorId, type Hit } from './detectors.ts';
import { findDocuments } from './documents.ts';
import { fingerprint } from './fingerprint.ts';
import { findKeyPairs, findNamedAwsSecrets } from './key-pairs.ts';
import { findNamedSecrets } from './named-secrets.ts';
import { namesForeignObjectStore } from './object-store.ts';
import type { ScanParams } from './scan-params.ts';
import { findTokens } from './token-detectors.ts';
import { holdsLiteral } from './suspicion.ts';
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

/** Every secret in the unit, none twice, in the order in which they stand. */
export function scanUnit(unit: Unit, scan: Scan): readonly Hit[] {
  const views = unit.flatMap((part) => viewsOf(part, scan));
  if (views.length === 0) return none;
  const found = new Map<string, Hit>();
  for (const hit of findAll(unit, views, scan.now)) {
    const key = `${hit.view.part.identity} ${hit.detector} ${hit.confidence} ${hit.secret}`;
    if (counts(hit, scan) && !found.has(key)) found.set(key, hit);
  }
  const order = new Map(unit.map((part, index) => [part, index]));
  const place = ({ view: { part } }: Hit): number => order.get(part) as number;
  return [...found.values()].toSorted((a, b) => place(a) - place(b) || a.index - b.index);
}

const none: readonly Hit[] = [];

function* findAll(unit: Unit, views: readonly View[], now: number): Generator<Hit> {
  const suspects = views.filter(({ text }) => holdsLiteral(text));
  for (const view of suspects) {
    yield* findTokens(view);
    yield* findSharedAccessSignatures(view, now);
    yield* findDocuments(view);
  }
  yield* findKeys(unit, views, suspects);
  for (const view of views) if (view.verbatim) yield* findNamedSecrets(view);
}

function* findKeys(unit: Unit, views: readonly View[], suspects: readonly View[]): Generator<Hit> {
  const pairs = suspects.length === 0 ? [] : [...findKeyPairs(views, suspects)];
  yield* pairs;
  const named = [...findNamedAwsSecrets(views)];
  if (named.length === 0) return;
  const paired = new Set(pairs.map(({ secret }) => secret));
  const foreign = namesForeignObjectStore(unit);
  for (const hit of named) {
    if (!paired.has(hit.secret)) yield foreign ? { ...hit, detector: 'object-store-key', confidence: 'medium' } : hit;
  }
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
