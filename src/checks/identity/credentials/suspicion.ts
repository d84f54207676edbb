import type { Fields } from '../../../kubernetes/fields.ts';
import { sasLiteral } from './azure-sas.ts';
import { hasBase64Run } from './base64-runs.ts';
import { documentLiterals } from './documents.ts';
import { idLiterals } from './key-pairs.ts';
import { tokenLiterals } from './token-detectors.ts';

/**
 * Whether a text can hold anything that a detector would find. Nearly every string of a cluster is turned away here, without
 * an allocation: this runs for each of them at each admission.
 */
export function mayHoldSecret(text: string): boolean {
  if (text.length < shortest) return false;
  return hasBase64Run(text) || (capital.test(text) ? suspect : suspectWithoutCapital).test(text);
}

/** Whether a string within the value can. */
export function holdsSuspect(value: unknown): boolean {
  if (typeof value === 'string') return mayHoldSecret(value);
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(holdsSuspect);
  for (const key in value) if (holdsSuspect((value as Fields)[key])) return true;
  return false;
}

/** Whether a text holds what one of the detectors looks for by its form: one search for all of them. */
export function holdsLiteral(text: string): boolean {
  return literals.test(text);
}

/** A 12-character password has just the entropy that is asked of one. */
const shortest = 12;
const allLiterals = [...tokenLiterals, ...idLiterals, ...documentLiterals, sasLiteral];
const literals = searchFor(allLiterals);
/** Escapes, and anything of more than one line, are worth a closer look too. */
const worthALook = '[%\\\\\\n]';
const suspect = searchFor(allLiterals, worthALook);
/** Most values have no capital, and few of the literals have none: that search takes a fraction of the time. */
const capital = /[A-Z]/;
const suspectWithoutCapital = searchFor(
  allLiterals.filter((literal) => !capital.test(literal)),
  worthALook,
);

function searchFor(texts: readonly string[], ...more: readonly string[]): RegExp {
  return new RegExp([...more, ...texts.map((one) => one.replaceAll(/[+.]/g, '\\$&'))].join('|'));
}
