import type { ReportedExemption } from '../exemption-report.ts';
import { printable } from './printable.ts';

const headings = ['EXEMPTION', 'CHECKS', 'TARGET', 'OWNER', 'AGE', 'UNTIL', 'STATE', 'USES'];

/** A line each, and below it why it counts as none or that it ends soon. */
export function renderExemptions(exemptions: readonly ReportedExemption[]): string {
  if (exemptions.length === 0) return 'No exemptions.\n';
  const rows = exemptions.map((one) => ({ cells: cellsOf(one).map(printable), notes: notesOf(one).map(printable) }));
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map(({ cells }) => (cells[column] ?? '').length)),
  );
  const align = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const lines: string[] = [];
  for (const { cells, notes } of rows) lines.push(align(cells), ...notes);
  return `${[align(headings), ...lines].join('\n')}\n`;
}

function cellsOf(one: ReportedExemption): readonly string[] {
  const { namespace, name, checks, target, owner, ageDays, until, state, uses } = one;
  const age = ageDays === undefined ? '-' : `${ageDays}d`;
  return [`${namespace}/${name}`, checks.join(','), target, owner, age, until, state, String(uses ?? '?')];
}

/** Days in which somebody should think about what comes then. */
const soon = 14;

function notesOf({ state, message, daysLeft, uses }: ReportedExemption): readonly string[] {
  if (state !== 'Active') return [`  ! ${message}`];
  if (daysLeft === undefined || daysLeft > soon) return uses === 0 ? ['  · excuses nothing at present'] : [];
  const left = daysLeft === 0 ? 'ends within a day' : `ends in ${daysLeft} day${daysLeft === 1 ? '' : 's'}`;
  return [`  ! ${left}${uses === 0 ? ', and excuses nothing at present' : ''}`];
}
