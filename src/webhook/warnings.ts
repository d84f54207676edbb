import type { Decision, JudgedFinding, Mutation } from '../engine/decision.ts';
import { findingsOf } from '../engine/decision.ts';
import { shorten } from '../kubernetes/shorten.ts';
import { plainText } from './plain-text.ts';

/** Characters a warning; the API server recommends it and cuts longer ones when there are many. */
const lineLimit = 120;
/** All webhooks of a request share 4,096 characters; with ours at 2,000 nobody's is cut. */
const countLimit = 16;

/** What is said about an object that is admitted: one line a finding, check id first. */
export function warningsOf(decision: Decision): readonly string[] {
  const faults = decision.noteworthy.filter(({ outcome }) => outcome === 'error');
  return bound([
    ...findingsOf(decision, 'Warn').map(warning),
    ...faults.map(({ check }) => `${check.id}: not judged, because daytwo itself failed; please report it`),
  ]);
}

/** `compute/pdb-required: pending: no PodDisruptionBudget selects its pods`: what is missing may be the next thing applied. */
export function foundText({ check, message, pending, preexisting, note }: JudgedFinding): string {
  const more = [...(preexisting ? ['as before'] : []), ...(note === undefined ? [] : [note])];
  const found = `${check.id}: ${pending ? 'pending: ' : ''}${message}`;
  return plainText(more.length === 0 ? found : `${found} (${more.join('; ')})`);
}

/** Patches that were held back, each with its reason. */
export function withheldWarnings(mutation: Mutation): readonly string[] {
  return bound(mutation.withheld.map(({ check, reason }) => plainText(`${check}: not patched: ${reason}`)));
}

/** With the first line of the fix if both fit into a line, else what is wrong alone. */
function warning(finding: JudgedFinding): string {
  const found = foundText(finding);
  const withFix = plainText(`${found}; ${finding.fix.split('\n', 1)[0]}`);
  return withFix.length <= lineLimit ? withFix : found;
}

function bound(warnings: readonly string[]): readonly string[] {
  const distinct = [...new Set(warnings.map((warning) => shorten(warning, lineLimit)))];
  if (distinct.length <= countLimit) return distinct;
  const shown = distinct.slice(0, countLimit - 1);
  return [...shown, `and ${distinct.length - shown.length} more: daytwo audit <file>.yaml lists them all`];
}
