import { milder } from '../checks/action.ts';
import type { Check, CheckSubject } from '../checks/check.ts';
import type { ClusterView } from '../kubernetes/cluster-view.ts';
import { namedObject } from '../kubernetes/named-objects.ts';
import { type GroupKind, groupKindOf, type KubernetesObject } from '../kubernetes/object.ts';
import { viewWith, viewWithout } from '../kubernetes/revised-view.ts';
import { type CheckResult, type JudgedFinding, type Request, resultOf } from './decision.ts';
import { type Context, evaluate, refuseAbsence } from './evaluate.ts';
import { excusesFor } from './exemptions.ts';
import { decidingRules } from './match.ts';
import { readSubject } from './subject.ts';

/**
 * Judges the deletion of a companion by what it leaves behind: what the checks would say of the objects that need one, and do
 * not say while it is there.
 */
export function judgeDeletion(context: Context): readonly CheckResult[] {
  const { request, policy } = context;
  const kind = groupKindOf(request.object);
  const concerned = policy.checklist.filter(({ companions }) => companions?.kinds.includes(kind));
  return concerned.map((check) => combine(check, [...leftBehind(check, context)]));
}

function* leftBehind(check: Check, context: Context): Iterable<CheckResult> {
  const { request, view } = context;
  const { object, namespace } = request;
  const before = viewWith(view, object, namespace);
  const after = viewWithout(view, object, namespace);
  for (const kind of check.companions?.of ?? []) {
    for (const dependent of dependents(kind, namespace, view)) {
      if (!dependent.metadata.deletionTimestamp) yield* judgeDependent(check, dependent, context, before, after);
    }
  }
}

function dependents(kind: GroupKind, namespace: string | undefined, view: ClusterView): Iterable<KubernetesObject> {
  if (kind !== 'core/Namespace') return view.list(kind, namespace);
  return [namespace === undefined ? undefined : view.get(kind, undefined, namespace)].filter(
    (one) => one !== undefined,
  );
}

/** As if the object came into a world in which the companion is gone. */
function* judgeDependent(
  check: Check,
  object: KubernetesObject,
  { request: { namespace, dryRun, now }, policy, evidence }: Context,
  before: ClusterView,
  after: ClusterView,
): Iterable<CheckResult> {
  const request: Request = {
    object,
    oldObject: undefined,
    operation: 'CREATE',
    subresource: undefined,
    source: 'live',
    namespace,
    user: undefined,
    dryRun,
    now,
  };
  const subject = readSubject(request, object, policy, after);
  const rule = decidingRules(policy, subject, after).find(({ configured }) => configured.check === check);
  if (rule === undefined) return;
  const excuses = excusesFor(subject, after, policy.checklist);
  const context: Context = { request, policy, view: after, excuses, evidence };
  const result = evaluate(rule, subject, context);
  const stood = new Set<string>();
  for (const { identity, covers = [identity] } of rule.configured.evaluate(subject, before))
    for (const name of covers) stood.add(name);
  const findings = result.findings
    .filter(({ pending, identity, covers = [identity] }) => pending && !covers.every((name) => stood.has(name)))
    .map((finding) => wordAsLoss(finding, subject))
    .map((finding) =>
      finding.action === 'Warn' && rule.onLastDelete[subject.tier] === 'Deny'
        ? refuseAbsence(finding, context)
        : finding,
    );
  yield { ...result, findings };
}

function wordAsLoss(finding: JudgedFinding, { groupKind, object }: CheckSubject): JudgedFinding {
  const { pending: _nothingIsToCome, ...rest } = finding;
  const name = namedObject({ groupKind, name: object.metadata.name ?? '' });
  return {
    ...rest,
    action: milder(finding.action, 'Warn'),
    identity: `${groupKind}/${object.metadata.name ?? ''}/${finding.identity}`,
    path: '/metadata/name',
    message: `leaves ${name} bare: ${finding.message}`,
    fix: 'Apply what takes its place first, and delete it then',
  };
}

function combine(check: Check, results: readonly CheckResult[]): CheckResult {
  const findings = results.flatMap((result) => result.findings);
  if (findings.length > 0) return resultOf(check, findings);
  return results.find(({ outcome }) => outcome === 'skip' || outcome === 'error') ?? resultOf(check);
}
