import { loops } from '../cross-loop.ts';
import type { AuditReport, UnjudgedCheck } from '../report.ts';
import { findingActions, summarize } from '../summary.ts';
import { printable } from './printable.ts';
import type { Paint } from './table.ts';
import { wrap } from './wrap.ts';

/** What was not judged and why, then the findings in numbers by action and loop. */
export function renderSummary(report: AuditReport, paint: Paint): readonly string[] {
  const notes = [...unjudgedNotes(report), ...bypassNotes(report), ...crossLoopNotes(report), ...otherNotes(report)];
  return [
    ...notes.flatMap((note) => wrap(printable(note), '').map((line) => paint('dim', line))),
    ...(notes.length > 0 ? [''] : []),
    ...renderNumbers(report),
  ];
}

const reasons = { unknown: 'could not be judged', exempt: 'exempt', faulted: 'failed by a defect of daytwo' } as const;

/** One line for each check and reason: a folder without PodDisruptionBudgets would otherwise give one for each workload. */
function unjudgedNotes({ reports }: AuditReport): readonly string[] {
  const all = reports.flatMap((report) => report.unjudged);
  const groups = Map.groupBy(all, ({ check, code, message }) => `${check.id} ${code} ${message}`);
  return [...groups.values()].map((group) => {
    const { check, code, message } = group[0] as UnjudgedCheck;
    const hint = code === 'unknown' ? ' (--complete says that these manifests are all there is)' : '';
    return `${check.id}: ${reasons[code]} for ${count(group.length, 'object')}: ${message}${hint}`;
  });
}

function bypassNotes({ reports }: AuditReport): readonly string[] {
  const groups = Map.groupBy(reports, ({ bypass }) => bypass);
  return [...groups].flatMap(([bypass, group]) =>
    bypass === undefined ? [] : [`${count(group.length, 'object')} not judged: ${bypass}`],
  );
}

function crossLoopNotes({ crossLoopNamespaces }: AuditReport): readonly string[] {
  return crossLoopNamespaces.map(
    (one) =>
      `Namespace ${one.namespace} fails in ${one.loops.length} loops (${one.loops.join(', ')}): one cross-loop problem.`,
  );
}

function otherNotes({ otherDocuments }: AuditReport): readonly string[] {
  return otherDocuments === 0 ? [] : [`${count(otherDocuments, 'document')} passed over: no Kubernetes object.`];
}

function renderNumbers(report: AuditReport): readonly string[] {
  const { byLoop, findings, objectsWithFindings } = summarize(report);
  const scope = `${count(report.objects, 'object')} in ${count(report.files, 'file')}, policy ${report.policy}`;
  if (objectsWithFindings === 0) return [`No findings: ${scope}.`];
  const rows = findingActions.map((action) => {
    const cells = loops.map((loop) => String(byLoop[loop][action]));
    return alignRow(action, [...cells, String(findings[action])]);
  });
  const found = `${count(objectsWithFindings, 'object')} with findings, of ${scope}:`;
  return [found, alignRow('', columns), ...rows];
}

const columns = [...loops, 'all'];

function alignRow(action: string, cells: readonly string[]): string {
  const aligned = cells.map((cell, column) => cell.padStart(Math.max((columns[column] as string).length, 5) + 2));
  return `  ${action.padEnd(5)}${aligned.join('')}`;
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
