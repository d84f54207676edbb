import { type Decision, findingsOf, type JudgedFinding } from '../engine/decision.ts';
import { fieldPath } from '../kubernetes/json-pointer.ts';
import type { AdmissionRequest } from './decode.ts';
import { plainText } from './plain-text.ts';
import { foundText } from './warnings.ts';

/** Bytes of findings in a message; what does not fit is counted. */
const sizeLimit = 16 * 1024;
const warnedLimit = 5;

/**
 * What a developer reads after `admission webhook "…" denied the request: `. The first line stands alone, since some
 * tools show only that; then each finding with its place, its reason and the lines to write.
 */
export function denialMessage(request: AdmissionRequest, decision: Decision): string {
  const denied = decision.noteworthy.filter(({ outcome, deniedByFault }) => outcome === 'fail' || deniedByFault);
  const loops = [...new Set(denied.map(({ check }) => check.loop))].map(capitalize);
  const count = denied.length === 1 ? '1 readiness check failed' : `${denied.length} readiness checks failed`;
  return [
    `${subjectName(request)}: ${count} (${loops.join(', ')})`,
    '',
    ...fitting([...findingsOf(decision, 'Deny').map(findingBlock), ...faultBlocks(decision)]),
    ...alsoWarned(findingsOf(decision, 'Warn')),
    ...(loops.length > 1 ? [crossLoop(loops)] : []),
    'Try again without deploying: daytwo audit <file>.yaml',
  ].join('\n');
}

/** `Deployment shop/checkout`, `StorageClass fast`, `Pod shop/job-…` */
export function subjectName({ object, name, namespace }: AdmissionRequest): string {
  const known = name === '' ? `${object.metadata.generateName ?? ''}…` : name;
  return plainText(`${object.kind} ${namespace === undefined ? '' : `${namespace}/`}${known}`);
}

function capitalize(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The reason is the same for every container that a check finds, so it is given once. */
function findingBlock(finding: JudgedFinding, index: number, all: readonly JudgedFinding[]): string {
  const { check, path, message, why, fix, note } = finding;
  const before = all[index - 1];
  const isReasonGiven = before?.check === check && before.why === why;
  const lines = [
    `  ✗ ${check.id}  ${clip(fieldPath(path))}`,
    `    ${clip(plainText(message))}.`,
    ...(isReasonGiven ? [] : [`    ${plainText(capitalize(why))}.`]),
    ...(note === undefined ? [] : [plainText(`    Note: ${note}.`)]),
    ...fix.split('\n').map((line) => `    ${clip(plainText(line))}`),
  ];
  return lines.join('\n').trimEnd();
}

/** A name may be a megabyte long, and is not to push out the finding. */
function clip(line: string): string {
  return line.length > 1000 ? `${line.slice(0, 1000)}…` : line;
}

function faultBlocks({ noteworthy }: Decision): readonly string[] {
  return noteworthy
    .filter(({ deniedByFault }) => deniedByFault)
    .map(
      ({ check }) =>
        `  ✗ ${check.id}\n` +
        '    could not be judged, because daytwo itself failed; the policy says onFault: Deny for it.\n' +
        '    Ask your cluster admins: the log of daytwo has the place of the fault.',
    );
}

function fitting(blocks: readonly string[]): readonly string[] {
  let size = 0;
  const shown = blocks.filter((block) => (size += Buffer.byteLength(block)) <= sizeLimit);
  return shown.length === blocks.length ? shown : [...shown, `  … and ${blocks.length - shown.length} more`];
}

function alsoWarned(warned: readonly JudgedFinding[]): readonly string[] {
  if (warned.length === 0) return [''];
  const lines = warned.slice(0, warnedLimit).map((finding) => `    ${foundText(finding)}`);
  if (warned.length > warnedLimit) lines.push(`    and ${warned.length - warnedLimit} more`);
  return ['', '  ⚠ also, not a reason to deny:', ...lines, ''];
}

function crossLoop(loops: readonly string[]): string {
  return `Failing in ${loops.join(' and ')} at once is one cross-loop problem, not a list of small ones: look for the cause they share.`;
}
