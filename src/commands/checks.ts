import { stripVTControlCharacters, styleText } from 'node:util';
import type { Check } from '../checks/check.ts';
import { checks } from '../checks/index.ts';
import type { ExitCode, Io } from './io.ts';

export interface ChecksOptions {
  readonly output: 'table' | 'json' | 'markdown';
}

/** `daytwo checks`: the checklist. */
export function runChecks({ output }: ChecksOptions, io: Io): ExitCode {
  io.stdout(output === 'json' ? renderJson() : output === 'markdown' ? renderChecklist() : renderTable(io.color));
  return 0;
}

function renderTable(color: boolean): string {
  const width = Math.max(...checks.map(({ id }) => id.length));
  const paint = (id: string): string => (color ? styleText('bold', id) : id);
  const lines = checks.map((check) => {
    const id = paint(check.id);
    const padding = ' '.repeat(width - stripVTControlCharacters(id).length);
    return `${id}${padding}  ${check.severity.padEnd(8)}  ${check.canPatch ? 'patch' : '     '}  ${check.title}`;
  });
  return `${lines.join('\n')}\n`;
}

function renderJson(): string {
  return `${JSON.stringify(checks.map(describeCheck), undefined, 2)}\n`;
}

function describeCheck(check: Check): object {
  const { id, loop, title, severity, kinds, canPatch, why, prevents, remedy, allowAnnotation, params } = check;
  return { id, loop, title, severity, kinds, canPatch, why, prevents, remedy, allowAnnotation, params };
}

/** The page docs/checks.md, without its examples. */
function renderChecklist(): string {
  return checks.map((check) => `- \`${check.id}\`: ${check.title}\n`).join('');
}
