import { sameJson } from '../kubernetes/json-patch.ts';
import { at } from '../kubernetes/fields.ts';
import { type Decision, isNoteworthy, type JudgedFinding, type Request, resultOf } from './decision.ts';
import { denies } from './judge.ts';

/** Whether what is refused may be an earlier template that is wanted back. */
export function mayRollBack(decision: Decision, { object, oldObject }: Request): boolean {
  if (decision.allowed || oldObject === undefined) return false;
  return !sameJson(at(object, 'spec', 'template'), at(oldObject, 'spec', 'template'));
}

/** The decision on a template that ran before: in an incident nothing holds up a rollback, whatever is wrong with it, and it only warns. */
export function letRollBack(decision: Decision): Decision {
  const results = decision.results.map((result) =>
    result.outcome === 'fail' ? resultOf(result.check, result.findings.map(inTemplateWarns)) : result,
  );
  const noteworthy = results.filter(isNoteworthy);
  return { ...decision, allowed: !noteworthy.some(denies), results, noteworthy };
}

function inTemplateWarns(finding: JudgedFinding): JudgedFinding {
  if (finding.action !== 'Deny' || !finding.path.startsWith('/spec/template')) return finding;
  return { ...finding, action: 'Warn', preexisting: true };
}
