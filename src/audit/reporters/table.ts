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
  const prose = rememberProse();
  const lines: string[] = [];
  const found = report.reports.filter(({ findings }) => findings.length > 0);
  const ofSystem = found.filter(({ inSystemNamespace }) => inSystemNamespace);
  for (const one of found) if (!one.inSystemNamespace) addObject(lines, one, paint, prose);
  if (ofSystem.length > 0)
    lines.push(paint('bold', 'In system namespaces, where admission neither refuses nor patches anything:'), '');
  for (const one of ofSystem) addObject(lines, one, paint, prose);
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

/** Renders prose; reasons and advice are the same for many findings. */
type Prose = (text: string) => readonly string[];

function rememberProse(): Prose {
  const rendered = new Map<string, readonly string[]>();
  return (text) => {
    let lines = rendered.get(text);
    if (lines === undefined) rendered.set(text, (lines = wrap(printable(text), '      ')));
    return lines;
  };
}

function addObject(lines: string[], { place, tier, findings, loops }: ObjectReport, paint: Paint, prose: Prose): void {
  lines.push(`${paint('bold', titleOf(place))} (${tier})  ${placeOf(place.file, place.position.line)}`);
  if (isCrossLoop(loops))
    lines.push(
      `  ${paint('magenta', `Fails in ${loops.length} loops (${loops.join(', ')}): one cross-loop problem.`)}`,
    );
  for (const finding of findings) addFinding(lines, finding, place, paint, prose);
  lines.push('');
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

function addFinding(
  lines: string[],
  { finding, position }: ReportedFinding,
  { file }: ObjectPlace,
  paint: Paint,
  prose: Prose,
): void {
  const { action, severity, check, message, why, fix, pending, note } = finding;
  const { mark, style } = marks[action as FindingAction];
  const headline = `${paint(style, `${mark} ${action.padEnd(5)}`)} ${severity.padEnd(8)} ${paint('bold', check.id)}`;
  lines.push(`  ${headline}${pending ? ' (pending)' : ''}  ${placeOf(file, position.line)}`);
  lines.push(...wrap(printable(message), '      '));
  for (const line of prose(why)) lines.push(paint('dim', line));
  if (note !== undefined) lines.push(...prose(`Note: ${note}`));
  const [advice = '', ...yaml] = fix.split('\n');
  lines.push(...prose(`Fix: ${advice}`));
  for (const line of yaml) lines.push(`        ${printable(line)}`);
}
