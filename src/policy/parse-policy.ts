import type { Check } from '../checks/check.ts';
import { InvalidFileError, type Mistake, type Position } from '../errors.ts';
import { fieldPath } from '../kubernetes/json-pointer.ts';
import { type ActivePolicy, activatePolicies, type SoundPolicy } from './active-policy.ts';
import { readPolicy } from './read-policy.ts';

/** A YAML document that may be a policy, with a way back to its lines. */
export interface PolicyDocument {
  readonly file: string;
  readonly value: unknown;
  /** Where the field with this JSON Pointer stands, or the nearest parent that is there. */
  locate(pointer: string): Position | undefined;
}

/**
 * The policy in a document, ready to judge with.
 * @throws {InvalidFileError} as `parseSoundPolicy`
 */
export function parsePolicy(
  document: PolicyDocument,
  checklist: readonly Check[],
  ownNamespace?: string,
): ActivePolicy {
  return activatePolicies([parseSoundPolicy(document, checklist)], checklist, ownNamespace);
}

/**
 * The policy in a document.
 * @throws {InvalidFileError} naming every mistake at once, each with file, line and field
 */
export function parseSoundPolicy(document: PolicyDocument, checklist: readonly Check[]): SoundPolicy {
  const { policy, mistakes } = readPolicy(document.value, checklist);
  if (policy !== undefined) return policy;
  const placed = mistakes.map(
    ({ pointer, message }): Mistake => ({
      file: document.file,
      position: document.locate(pointer),
      field: fieldPath(pointer),
      message,
    }),
  );
  throw new InvalidFileError(placed.toSorted(byPosition));
}

function byPosition(a: Mistake, b: Mistake): number {
  return (a.position?.line ?? 0) - (b.position?.line ?? 0) || (a.position?.column ?? 0) - (b.position?.column ?? 0);
}
