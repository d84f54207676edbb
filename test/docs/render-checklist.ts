import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { Check, Finding } from '../../src/checks/check.ts';
import { checks } from '../../src/checks/index.ts';
import type { CheckExample } from '../../src/commands/explain.ts';
import { readSubject } from '../../src/engine/subject.ts';
import { fields } from '../../src/kubernetes/fields.ts';
import { fieldPath } from '../../src/kubernetes/json-pointer.ts';
import { activatePolicy } from '../../src/policy/active-policy.ts';
import type { Rule } from '../../src/policy/readiness-policy.ts';
import { validate } from '../../src/policy/validate.ts';
import { type Fixture, loadFixtures } from '../fixtures/load-fixture.ts';

const loops = {
  identity: 'Identity',
  compute: 'Compute',
  network: 'Network',
  storage: 'Storage',
  observability: 'Observability',
  platform: 'Platform',
};
const shippedPolicies = ['observe', 'baseline', 'strict'] as const;

/** docs/checks.md: every check with its examples executed, so that no page shows a message that is not printed. */
export function renderChecklist(): string {
  const head = [
    '# The checklist',
    '',
    '<!-- Written by `npm run docs` from the registry and the fixtures; edits here are lost. -->',
    '',
    `${checks.length} checks. The columns are what the shipped policies do in the tiers production / standard / sandbox.`,
    '',
    '| check | what it asks | severity | observe | baseline | strict | patch |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...checks.map(renderRow),
    '',
  ];
  return `${[...head, ...checks.flatMap(renderCheck)].join('\n').trimEnd()}\n`;
}

function renderRow(check: Check): string {
  const actions = shippedPolicies.map((policy) => renderAction(policy, check));
  return `| [${check.id}](#${check.id.replace('/', '')}) | ${check.title} | ${check.severity} | ${actions.join(' | ')} | ${check.canPatch ? 'yes' : ''} |`;
}

function renderAction(policy: string, check: Check): string {
  const text = readFileSync(new URL(`../../policies/${policy}.yaml`, import.meta.url), 'utf8');
  const spec = fields(fields(parseAllDocuments(text)[0]?.toJS())['spec']);
  const rule = (spec['rules'] as readonly Rule[] | undefined)?.find((one) => one.check === check.id);
  if (rule === undefined) return '–';
  if (typeof rule.action === 'string') return rule.action;
  return `${rule.action.production ?? 'Off'} / ${rule.action.standard ?? 'Off'} / ${rule.action.sandbox ?? 'Off'}`;
}

function renderCheck(check: Check): readonly string[] {
  return [
    `## ${check.id}`,
    '',
    `**${check.title}** · ${loops[check.loop]} · ${check.severity}`,
    '',
    `${sentence(check.why)} ${check.remedy}`,
    '',
    ...check.prevents.map((signature) => `- prevents: ${signature}`),
    '',
    `Judges ${check.kinds.map((kind) => `\`${kind}\``).join(', ')}.`,
    ...(check.allowAnnotation === undefined
      ? []
      : ['', `Exempt with a reason: \`${check.allowAnnotation}: "<reason>"\` on the object.`]),
    ...renderParams(check),
    ...renderExample(check),
    '',
  ];
}

function renderParams(check: Check): readonly string[] {
  const defaults = Object.entries(check.params.defaults);
  if (defaults.length === 0) return [];
  const properties = fields(fields(check.params.schema)['properties']);
  const rows = defaults.map(([name, value]) => {
    const description = fields(properties[name])['description'];
    return `| \`${name}\` | \`${JSON.stringify(value)}\` | ${typeof description === 'string' ? description : ''} |`;
  });
  return ['', '| param | default | |', '| --- | --- | --- |', ...rows];
}

function renderExample(check: Check): readonly string[] {
  const example = exampleOf(check);
  if (example === undefined) return [];
  const { title, before, says } = example;
  return ['', `For example: ${title}`, '', '```yaml', before, '```', '', '```text', says, '```'];
}

/** The first fail fixture, what is said about it, and the first pass fixture with an object of the same kind. */
function exampleOf(check: Check): CheckExample | undefined {
  const [fixture] = loadFixtures(`${check.id}/fail/*.yaml`);
  if (fixture === undefined) return undefined;
  const { kind } = fixture.request.object;
  const mended = loadFixtures(`${check.id}/pass/*.yaml`).find(({ request }) => request.object.kind === kind);
  const says = evaluateFixture(check, fixture).flatMap((finding) => renderFinding(check, finding));
  return {
    title: `${fixture.title.replace(/\.$/, '')}.`,
    before: lastDocument(fixture),
    says: says.join('\n'),
    ...(mended !== undefined && { after: `# ${mended.title}\n${lastDocument(mended)}` }),
  };
}

/** The examples of `daytwo explain`: a bundle has no fixtures to read. */
export function renderExamples(): string {
  return `${JSON.stringify(Object.fromEntries(checks.map((check) => [check.id, exampleOf(check)])), undefined, 2)}\n`;
}

export function evaluateFixture(check: Check, fixture: Fixture): readonly Finding[] {
  const configured = check.configure(fixture.params, validate);
  if (!('evaluate' in configured)) throw new Error(`${fixture.path}: ${JSON.stringify(configured)}`);
  const policy = activatePolicy('docs', { rules: [] }, [], checks);
  return [
    ...configured.evaluate(readSubject(fixture.request, fixture.request.object, policy, fixture.world), fixture.world),
  ];
}

export function renderFinding(check: Check, finding: Finding): readonly string[] {
  const place = finding.path === '' ? '' : `  ${fieldPath(finding.path)}`;
  return [
    `${check.id}${place}`,
    `  ${finding.message}.`,
    `  ${sentence(finding.why ?? check.why)}`,
    ...finding.fix.split('\n').map((line) => `  ${line}`),
  ];
}

/** As the author of the fixture wrote it: the file, not an expanded copy, so that no page holds a key-shaped string. */
function lastDocument(fixture: Fixture): string {
  const text = readFileSync(new URL(`../fixtures/checks/${fixture.path}`, import.meta.url), 'utf8');
  const document = (text.split(/^---$/m).at(-1) ?? '').replaceAll(/@@(?:\w+:)*([\w-]+)@@/g, '<$1>');
  return document
    .split('\n')
    .filter((line) => !line.startsWith('# '))
    .join('\n')
    .trim();
}

function sentence(clause: string): string {
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;
}
