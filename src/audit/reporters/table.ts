import { styleText } from 'node:util';
import { renderMistake } from '../../errors.ts';
import { isCrossLoop } from '../cross-loop.ts';
import type { AuditReport, ObjectPlace, ObjectReport, ReportedFinding } from '../report.ts';
import type { FindingAction } from '../summary.ts';
import { printable } from './printable.ts';
import { renderSummary } from './table-summary.ts';
import { wrap } from './wrap.ts';

export type Paint = (style: Parameters<typeof styleText>[0], text: string) => string;

/** The report for a terminal of 100 columns: findings by file and object, what was not judged, then the numbers. */
export function renderTable(report: AuditReport, { color }: { readonly color: boolean }): string {
  const paint: Paint = (style, text) => (color ? styleText(style, text, { validateStream: false }) : text);
  const lines: string[] = [];
  for (const one of report.reports) if (one.findings.length > 0) lines.push(...renderObject(one, paint), '');
  if (report.warnings.length > 0) lines.push(...renderWarnings(report.warnings), '');
  lines.push(...renderSummary(report, paint));
  return `${lines.join('\n')}\n`;
}

/** Overlays and copies of one application repeat every object: a few show the pattern. */
function renderWarnings(warnings: AuditReport['warnings']): readonly string[] {
  const shown = warnings.slice(0, 3).map((warning) => printable(`Note: ${renderMistake(warning)}`));
  const more = warnings.length - shown.length;
  return more === 0 ? shown : [...shown, `Note: ${more} more of these; --output json has them all`];
}

function renderObject({ place, tier, findings, loops }: ObjectReport, paint: Paint): readonly string[] {
  const lines = [`${paint('bold', titleOf(place))} (${tier})  ${placeOf(place.file, place.position.line)}`];
  if (isCrossLoop(loops))
    lines.push(
      `  ${paint('magenta', `Fails in ${loops.length} loops (${loops.join(', ')}): one cross-loop problem.`)}`,
    );
  for (const finding of findings) lines.push(...renderFinding(finding, place, paint));
  return lines;
}

function titleOf({ kind, namespace, name }: ObjectPlace): string {
  return printable(`${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`);
}

function placeOf(file: string, line: number): string {
  return `${printable(file)}:${line}`;
}

const marks: Readonly<Record<FindingAction, { readonly mark: string; readonly style: 'red' | 'yellow' | 'cyan' }>> = {
  Deny: { mark: '✗', style: 'red' },
  Warn: { mark: '!', style: 'yellow' },
  Audit: { mark: '·', style: 'cyan' },
};

function renderFinding({ finding, position }: ReportedFinding, { file }: ObjectPlace, paint: Paint): readonly string[] {
  const { action, severity, check, message, why, fix, pending, note } = finding;
  const { mark, style } = marks[action as FindingAction];
  const [advice = '', ...yaml] = fix.split('\n').map(printable);
  const headline = [
    `${paint(style, `${mark} ${action.padEnd(5)}`)} ${severity.padEnd(8)} ${paint('bold', check.id)}`,
    ...(pending ? ['(pending)'] : []),
    ` ${placeOf(file, position.line)}`,
  ];
  return [
    `  ${headline.join(' ')}`,
    ...wrap(printable(message), '      '),
    ...wrap(printable(why), '      ').map((line) => paint('dim', line)),
    ...(note === undefined ? [] : wrap(printable(`Note: ${note}`), '      ')),
    ...wrap(`Fix: ${advice}`, '      '),
    ...yaml.map((line) => `        ${line}`),
  ];
}
