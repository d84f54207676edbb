import type { CheckSubject } from '../check.ts';

/** What a claim asks for is immutable: no news for whoever edits the rest of the object, and nothing that he could mend. */
export function isEdit({ operation, source }: CheckSubject): boolean {
  return operation === 'UPDATE' && source !== 'live';
}
