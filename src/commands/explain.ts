import { styleText } from 'node:util';
import type { Check, CheckId } from '../checks/check.ts';
import { checks } from '../checks/index.ts';
import { OperatorError } from '../errors.ts';
import { fields } from '../kubernetes/fields.ts';
import { nearestName } from '../policy/nearest-name.ts';
import examples from './check-examples.json' with { type: 'json' };
import type { ExitCode, Io } from './io.ts';

/** A manifest that fails a check, what is said about it, and one that passes. */
export interface CheckExample {
  readonly title: string;
  readonly before: string;
  /** What `audit` says about it. */
  readonly says: string;
  /** Absent where no case of the same kind passes. */
  readonly after?: string;
}

export interface ExplainOptions {
  /** A check's id, or its name without the loop. */
  readonly check: string;
  readonly output: 'text' | 'json';
}

/**
 * `daytwo explain CHECK`: why it is asked, what it prevents, how to mend it, and an example.
 *
 * @throws OperatorError where no check has that name
 */
export function runExplain({ check: written, output }: ExplainOptions, io: Io): ExitCode {
  const check = findCheck(written);
  const example = (examples as Readonly<Partial<Record<CheckId, CheckExample>>>)[check.id];
  io.stdout(output === 'json' ? renderJson(check, example) : renderText(check, example, io.color));
  return 0;
}

function findCheck(written: string): Check {
  const found = checks.find(({ id }) => id === written || nameOf(id) === written);
  if (found !== undefined) return found;
  const near = nearestName(
    written,
    written.includes('/') ? checks.map(({ id }) => id) : checks.map(({ id }) => nameOf(id)),
  );
  const hint = near === undefined ? '`daytwo checks` lists them.' : `Did you mean ${near}?`;
  throw new OperatorError(`There is no check "${written}". ${hint}`);
}

/** Names are unique over all loops (a house test holds them to it), so that nobody has to type the loop. */
function nameOf(id: CheckId): string {
  return id.slice(id.indexOf('/') + 1);
}

function renderJson(check: Check, example: CheckExample | undefined): string {
  const { id, loop, title, severity, kinds, canPatch, why, prevents, remedy, allowAnnotation, params } = check;
  const description = { id, loop, title, severity, kinds, canPatch, why, prevents, remedy, allowAnnotation, params };
  return `${JSON.stringify({ ...description, example }, undefined, 2)}\n`;
}

function renderText(check: Check, example: CheckExample | undefined, color: boolean): string {
  const heading = (text: string): string => (color ? styleText('bold', text) : text);
  const section = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ['', heading(title), ...lines.map((line) => (line === '' ? '' : `  ${line}`))];
  const { id, title, severity, why, prevents, remedy, kinds, canPatch, allowAnnotation } = check;
  return [
    heading(id),
    `${title} (${severity})`,
    ...section('Why', [`${why.charAt(0).toUpperCase()}${why.slice(1)}.`]),
    ...section('Prevents', prevents),
    ...section('How to fix it', [
      remedy,
      ...(canPatch ? ['daytwo can write it itself, where a policy says `patch: true`.'] : []),
      ...(allowAnnotation === undefined ? [] : [`Where it is meant so: annotate ${allowAnnotation}: "<reason>".`]),
    ]),
    ...section('Judges', [kinds.join(', ')]),
    ...section('Params', renderParams(check)),
    ...(example === undefined
      ? []
      : [
          ...section('Before', [`# ${example.title}`, ...example.before.split('\n')]),
          ...section('What is said', example.says.split('\n')),
          ...(example.after === undefined ? [] : section('After', example.after.split('\n'))),
        ]),
    '',
  ].join('\n');
}

function renderParams({ params }: Check): readonly string[] {
  const properties = fields(fields(params.schema)['properties']);
  return Object.entries(params.defaults).map(([name, value]) => {
    const { description } = fields(properties[name]) as { readonly description?: string };
    return `${name}: ${JSON.stringify(value)}${description === undefined ? '' : `  ${description}`}`;
  });
}
