import type { Check, ParamMistake } from '../checks/check.ts';
import { at, fields, list } from '../kubernetes/fields.ts';
import { pointerTo } from '../kubernetes/json-pointer.ts';
import type { ConfiguredRule, SoundPolicy } from './active-policy.ts';
import type { ReadinessPolicy, Rule } from './readiness-policy.ts';
import { readinessPolicySchema } from './readiness-policy-schema.ts';
import { selectorMistakes } from './selector-mistakes.ts';
import { unknownCheck } from './unknown-check.ts';
import { validate } from './validate.ts';

/** Either a policy or mistakes, whose pointers lead into the object. */
export interface PolicyRead {
  readonly policy: SoundPolicy | undefined;
  readonly mistakes: readonly ParamMistake[];
}

/** The policy that a value holds, from a file or a cluster, or every mistake in it at once. */
export function readPolicy(value: unknown, checklist: readonly Check[]): PolicyRead {
  const mistakes = [...validate(readinessPolicySchema, value)];
  mistakes.push(...settingMistakes(at(value, 'spec')));
  const rules = configureRules(value, checklist, mistakes);
  if (mistakes.length > 0) return { policy: undefined, mistakes };
  const { metadata, spec } = value as ReadinessPolicy;
  return { policy: { name: metadata.name, spec, rules }, mistakes };
}

/** What fits the schema and would leave nothing to refuse. */
function* settingMistakes(spec: unknown): Iterable<ParamMistake> {
  for (const tier of ['production', 'sandbox'])
    yield* selectorMistakes(at(spec, 'tiers', tier, 'namespaceSelector'), `/spec/tiers/${tier}/namespaceSelector`);
  for (const [index, name] of list(at(spec, 'systemNamespaces')).entries()) {
    if (typeof name === 'string' && /^\*+$/.test(name))
      yield { pointer: pointerTo('/spec/systemNamespaces', index), message: allNamespaces };
  }
}

const allNamespaces = 'this is every namespace, so that nothing would be refused anywhere: name those of the platform';

/** Looks at rules even where the object has other mistakes, so that one run names them all. */
function configureRules(value: unknown, checklist: readonly Check[], mistakes: ParamMistake[]): ConfiguredRule[] {
  const configured: ConfiguredRule[] = [];
  const unconditional = new Map<string, number>();
  list(at(value, 'spec', 'rules')).forEach((rule, index) => {
    const id = at(rule, 'check');
    if (typeof id !== 'string') return;
    const report: Report = (within, message) =>
      void mistakes.push({ pointer: `/spec/rules/${index}${within}`, message });
    const check = checklist.find((candidate) => candidate.id === id);
    if (check === undefined) report('/check', unknownCheck(id, checklist));
    else configure(rule as Rule, check, report, configured);
    const before = unconditional.get(id);
    if (before !== undefined) report('', neverReached(id, before));
    else if (isUnconditional(rule)) unconditional.set(id, index);
  });
  return configured;
}

function isUnconditional(rule: unknown): boolean {
  return Object.keys(fields(at(rule, 'match'))).length === 0;
}

function neverReached(id: string, before: number): string {
  return `is never reached: rules[${before}] is for ${id} too and matches everything; put this one before it`;
}

/** @param within JSON Pointer within the rule */
type Report = (within: string, message: string) => void;

function configure(rule: Rule, check: Check, report: Report, configured: ConfiguredRule[]): void {
  if (rule.patch === true && !check.canPatch) report('/patch', `${check.id} has no patch`);
  for (const field of ['whenMissing', 'onLastDelete'] as const) {
    if (rule[field] !== undefined && check.companions === undefined)
      report(`/${field}`, `${check.id} waits for no companion`);
  }
  reportForeignKinds(rule, check, report);
  for (const field of ['namespaceSelector', 'objectSelector'] as const) {
    for (const { pointer, message } of selectorMistakes(at(rule.match, field), `/match/${field}`))
      report(pointer, message);
  }
  const result = check.configure(rule.params ?? {}, validate);
  if ('evaluate' in result) configured.push({ rule, configured: result });
  else for (const { pointer, message } of result) report(`/params${pointer}`, message);
}

/** A rule that names only kinds its check never judges looks like a guardrail and is none. */
function reportForeignKinds(rule: Rule, check: Check, report: Report): void {
  list(rule.match?.kinds).forEach((kind, index) => {
    if (typeof kind !== 'string' || check.kinds.some((judged) => judged === kind)) return;
    report(pointerTo('/match/kinds', index), `${check.id} does not judge ${kind}; it judges ${check.kinds.join(', ')}`);
  });
}
