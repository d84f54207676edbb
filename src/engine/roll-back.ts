import type { GroupKind } from '../kubernetes/object.ts';
import { sameJson } from '../kubernetes/json-patch.ts';
import { at } from '../kubernetes/fields.ts';
import { type Decision, isNoteworthy, type JudgedFinding, type Request, resultOf } from './decision.ts';
import { denies } from './judge.ts';

/** The kinds of which the API server keeps earlier templates, for `kubectl rollout undo`. */
export const revisedKinds: readonly GroupKind[] = ['apps/Deployment', 'apps/StatefulSet', 'apps/DaemonSet'];

/** Whether what is refused may be an earlier template that is wanted back. */
export function mayRollBack(decision: Decision, { object, oldObject }: Request, groupKind: GroupKind): boolean {
  if (decision.allowed || oldObject === undefined || !revisedKinds.includes(groupKind)) return false;
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
