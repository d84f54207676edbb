import type { ClusterView } from '../kubernetes/cluster-view.ts';
import type { GroupKind } from '../kubernetes/object.ts';
import type { ActivePolicy } from '../policy/active-policy.ts';
import { bypassReason, deletionBypass } from './bypass.ts';
import { type CheckResult, type Decision, isNoteworthy, type Request, type Unconfirmed } from './decision.ts';
import { type Context, evaluate } from './evaluate.ts';
import { excusesFor } from './exemptions.ts';
import { judgeDeletion } from './judge-deletion.ts';
import { decidingRules } from './match.ts';
import { readSubject } from './subject.ts';

/**
 * Judges one request by one policy. Never throws: a check that does becomes a result with outcome `error`.
 *
 * @param evidence `confirmed` where the view holds what the cluster itself has just said of what is in `unconfirmed`. Before
 *   that nobody is refused for what a view does not hold, nor for another object that it holds.
 */
export function judge(
  request: Request,
  policy: ActivePolicy,
  view: ClusterView,
  evidence: Context['evidence'] = 'cached',
): Decision {
  const subject = readSubject(request, request.object, policy, view);
  const bypass = bypassReason(request, subject, policy, view) ?? deletionBypass(request, view);
  const { tier, inSystemNamespace } = subject;
  if (bypass !== undefined)
    return { allowed: true, tier, inSystemNamespace, bypass, results: [], noteworthy: [], unconfirmed: [] };
  const excuses = excusesFor(subject, view, policy.checklist);
  const context: Context = { request, policy, view, excuses, evidence };
  const results =
    request.operation === 'DELETE'
      ? judgeDeletion(context)
      : decidingRules(policy, subject, view).map((rule) => evaluate(rule, subject, context));
  const noteworthy = results.filter(isNoteworthy);
  const allowed = !noteworthy.some(denies);
  // What is refused anyway needs no second look for what is missing; but all that is wrong with the object is said at once.
  const unconfirmed = [...restingOn(noteworthy, request), ...(allowed ? missingFor(noteworthy, request) : [])];
  return { allowed, tier, inSystemNamespace, bypass: undefined, results, noteworthy, unconfirmed };
}

export function denies({ outcome, deniedByFault }: CheckResult): boolean {
  return outcome === 'fail' || deniedByFault === true;
}

/** What was seen, and would be a reason to refuse. */
function restingOn(results: readonly CheckResult[], { namespace }: Request): readonly Unconfirmed[] {
  const names = new Map<string, Unconfirmed>();
  for (const { findings } of results)
    for (const { unconfirmed, restsOn = [] } of findings)
      if (unconfirmed)
        for (const { groupKind: kind, name } of restsOn) names.set(`${kind} ${name}`, { kind, namespace, name });
  return [...names.values()];
}

/** What was not seen. A deletion is refused for those that it leaves behind, so they must be there still. */
function missingFor(results: readonly CheckResult[], { namespace, operation }: Request): readonly Unconfirmed[] {
  const kinds = new Set<GroupKind>();
  for (const { check, findings } of results) {
    if (!findings.some(({ unconfirmed, restsOn }) => unconfirmed && restsOn === undefined)) continue;
    for (const kind of check.companions?.kinds ?? []) kinds.add(kind);
    if (operation === 'DELETE') for (const kind of check.companions?.of ?? []) kinds.add(kind);
  }
  return [...kinds].map((kind) => ({ kind, namespace }));
}
