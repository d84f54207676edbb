import type { Check } from '../checks/check.ts';
import { InvalidFileError, type Mistake, type Position } from '../errors.ts';
import { at, list } from '../kubernetes/fields.ts';
import { fieldPath, pointerTo } from '../kubernetes/json-pointer.ts';
import { type ActivePolicy, activatePolicy, type ConfiguredRule } from './active-policy.ts';
import { nearestName } from './nearest-name.ts';
import { type ReadinessPolicy, readinessPolicySchema, type Rule } from './readiness-policy.ts';
import { validate } from './validate.ts';

/** A YAML document that may be a policy, with a way back to its lines. */
export interface PolicyDocument {
  readonly file: string;
  readonly value: unknown;
  /** Where the field with this JSON Pointer stands, or the nearest parent that is there. */
  locate(pointer: string): Position | undefined;
}

/**
 * The policy in a document, ready to judge with.
 * @throws {InvalidFileError} naming every mistake at once, each with file, line and field
 */
export function parsePolicy(
  document: PolicyDocument,
  checklist: readonly Check[],
  ownNamespace?: string,
): ActivePolicy {
  const mistakes: Mistake[] = validate(readinessPolicySchema, document.value).map((mistake) => ({
    file: document.file,
    position: document.locate(mistake.pointer),
    field: fieldPath(mistake.pointer),
    message: mistake.message,
  }));
  const rules = configureRules(document, checklist, mistakes);
  if (mistakes.length > 0) throw new InvalidFileError(mistakes.toSorted(byPosition));
  const { metadata, spec } = document.value as ReadinessPolicy;
  return activatePolicy(metadata.name, spec, rules, checklist, ownNamespace);
}

/** Looks at rules even where the document has other mistakes, so that one run names them all. */
function configureRules(document: PolicyDocument, checklist: readonly Check[], mistakes: Mistake[]): ConfiguredRule[] {
  const configured: ConfiguredRule[] = [];
  list(at(document.value, 'spec', 'rules')).forEach((rule, index) => {
    const id = at(rule, 'check');
    if (typeof id !== 'string') return;
    const pointer = `/spec/rules/${index}`;
    const report = (within: string, message: string): void => {
      const field = pointer + within;
      mistakes.push({ file: document.file, position: document.locate(field), field: fieldPath(field), message });
    };
    const check = checklist.find((candidate) => candidate.id === id);
    if (check === undefined) return report('/check', unknownCheck(id, checklist));
    configure(rule as Rule, check, report, configured);
  });
  return configured;
}

function configure(
  rule: Rule,
  check: Check,
  report: (within: string, message: string) => void,
  configured: ConfiguredRule[],
): void {
  if (rule.patch === true && !check.canPatch) report('/patch', `${check.id} has no patch`);
  reportForeignKinds(rule, check, report);
  const result = check.configure(rule.params ?? {}, validate);
  if ('evaluate' in result) configured.push({ rule, configured: result });
  else for (const { pointer, message } of result) report(`/params${pointer}`, message);
}

/** A rule that names only kinds its check never judges looks like a guardrail and is none. */
function reportForeignKinds(rule: Rule, check: Check, report: (within: string, message: string) => void): void {
  list(rule.match?.kinds).forEach((kind, index) => {
    if (typeof kind !== 'string' || check.kinds.some((judged) => judged === kind)) return;
    report(pointerTo('/match/kinds', index), `${check.id} does not judge ${kind}; it judges ${check.kinds.join(', ')}`);
  });
}

function unknownCheck(id: string, checklist: readonly Check[]): string {
  const ids = checklist.map((check) => check.id);
  const meant = nearestName(id, ids) ?? ids.find((known) => known.endsWith(`/${id}`));
  return meant === undefined
    ? `there is no check ${JSON.stringify(id)}; daytwo checks lists them`
    : `there is no check ${JSON.stringify(id)}; did you mean ${meant}?`;
}

function byPosition(a: Mistake, b: Mistake): number {
  return (a.position?.line ?? 0) - (b.position?.line ?? 0) || (a.position?.column ?? 0) - (b.position?.column ?? 0);
}
