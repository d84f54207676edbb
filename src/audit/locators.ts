import type { Position } from '../errors.ts';
import type { Manifest } from './manifest.ts';

/** Where the fields of a manifest stand, by JSON Pointers into its document. */
export type LocatorOf = (manifest: Manifest) => (pointer: string) => Position;

/** One locator a document, kept only while its objects are asked about: a List can hold thousands, a folder gigabytes. */
export function newLocators(): LocatorOf {
  let last: { readonly document: unknown; readonly locate: (pointer: string) => Position } | undefined;
  return ({ document }) => {
    if (last?.document !== document) last = { document, locate: document.locator() };
    return last.locate;
  };
}
