import { type Action, milder } from '../checks/action.ts';
import type { Check, CheckSubject, Finding } from '../checks/check.ts';
import { type ClusterView, knowsAtLeast } from '../kubernetes/cluster-view.ts';
import { fields } from '../kubernetes/fields.ts';
import { sameBut, sameJson } from '../kubernetes/json-patch.ts';
import { annotationOf, type GroupKind } from '../kubernetes/object.ts';
import type { ActivePolicy, ActiveRule } from '../policy/active-policy.ts';
import { onlyMetadataChanged } from './bypass.ts';
import { madeByUnknownController } from './controllers.ts';
import { type CheckResult, type JudgedFinding, noVerdict, type Request, resultOf } from './decision.ts';
import type { Excuses } from './exemptions.ts';
import { readSubject } from './subject.ts';

/** What stays the same from check to check. */
export interface Context {
  readonly request: Request;
  readonly policy: ActivePolicy;
  readonly view: ClusterView;
  readonly excuses: Excuses;
  /** Whether what a refusal would rest on has just been looked up in the cluster itself. */
  readonly evidence: 'cached' | 'confirmed';
}

/** The result of one check. Never throws: this is the one place where a faulting check is caught. */
export function evaluate(rule: ActiveRule, subject: CheckSubject, context: Context): CheckResult {
  const { check } = rule.configured;
  try {
    if (!check.sources.includes(subject.source)) return noVerdict(check, 'skip', 'unknown', unseenFrom(subject));
    const missing = unknownKind(check, context.view);
    if (missing !== undefined) return noVerdict(check, 'skip', 'unknown', notKnown(missing));
    const found = listed(rule.configured.evaluate(subject, context.view));
    return found.length === 0 ? nothingFound(rule, subject, context) : somethingFound(found, rule, subject, context);
  } catch (fault) {
    const result = noVerdict(check, 'error', 'faulted', placeOfFault(fault));
    return { ...result, deniedByFault: rule.onFault === 'Deny' };
  }
}

function somethingFound(
  found: readonly Finding[],
  rule: ActiveRule,
  subject: CheckSubject,
  context: Context,
): CheckResult {
  const { check } = rule.configured;
  const reason = check.allowAnnotation && annotationOf(subject.object, check.allowAnnotation)?.trim();
  if (reason) return noVerdict(check, 'skip', 'exempt', `${check.allowAnnotation}: ${reason}`);
  const findings = ratchet(
    found.map((finding) => judgeFinding(finding, rule, subject, context)),
    rule,
    subject,
    context,
  ).map((finding) => (restsOnCache(finding, context) ? untilConfirmed(finding) : finding));
  const { active, note } = context.excuses(check);
  if (active !== undefined) {
    const { exemption, message } = active;
    return { ...noVerdict(check, 'skip', 'exempt', message), exempted: { exemption, findings } };
  }
  return resultOf(check, note === undefined ? findings : findings.map((finding) => noted(finding, note)));
}

const none: readonly never[] = Object.freeze([]);

/** Nearly every check finds nothing, and then nothing is allocated for it. */
function listed(findings: Iterable<Finding>): readonly Finding[] {
  if (Array.isArray(findings)) return findings;
  let found: Finding[] | undefined;
  for (const finding of findings) (found ??= []).push(finding);
  return found ?? none;
}

function noted(finding: JudgedFinding, note: string): JudgedFinding {
  return { ...finding, note };
}

function nothingFound({ configured }: ActiveRule, subject: CheckSubject, { view }: Context): CheckResult {
  const unseen = configured.unknown(subject, view);
  if (unseen === undefined) return resultOf(configured.check);
  return noVerdict(configured.check, 'skip', 'unknown', notKnown(unseen));
}

/** The first kind that the check must know more about than the view does. */
export function unknownKind(check: Check, view: ClusterView): GroupKind | undefined {
  for (const { kind, knowledge } of check.needs) if (!knowsAtLeast(view, kind, knowledge)) return kind;
  return undefined;
}

function unseenFrom({ source }: CheckSubject): string {
  return `${source === 'files' ? 'manifests do' : 'a request does'} not show enough of the cluster for it`;
}

function notKnown(kind: GroupKind): string {
  return `whether there is a ${kind} for it is not known`;
}

function judgeFinding(finding: Finding, rule: ActiveRule, subject: CheckSubject, context: Context): JudgedFinding {
  const { request, policy } = context;
  const { check } = rule.configured;
  const wanted = milder(rule.action[subject.tier], ceiling(finding, subject));
  const onlyWarns = !policy.enforceUnknownOwners && madeByUnknownController(request.object, request.user);
  const reached = onlyWarns ? milder(wanted, 'Warn') : wanted;
  const action = subject.inSystemNamespace ? milder(reached, 'Audit') : reached;
  const judged: JudgedFinding = {
    check,
    identity: finding.identity,
    covers: finding.covers,
    path: finding.path,
    message: finding.message,
    why: finding.why ?? check.why,
    fix: finding.fix,
    atMost: finding.atMost,
    severity: finding.severity ?? check.severity,
    restsOn: finding.restsOn,
    pending: finding.pending,
    conflict: finding.conflict,
    action: action === 'Off' ? 'Audit' : action,
    preexisting: false,
    whenMissing: finding.pending ? rule.whenMissing[subject.tier] : undefined,
  };
  return !onlyWarns && mayRefuseAbsence(judged, rule, subject, request) ? refuseAbsence(judged, context) : judged;
}

/**
 * Whether the companion must be there first. Never where it cannot be: in a namespace that is being made; in a dry run, in which
 * nothing that was applied before exists; or when an object changes, so that nothing stops a scale or a roll-back.
 */
function mayRefuseAbsence(
  { pending, action }: JudgedFinding,
  { whenMissing }: ActiveRule,
  { groupKind, tier }: CheckSubject,
  { operation, source, dryRun }: Request,
): boolean {
  if (!pending || action !== 'Warn' || whenMissing[tier] !== 'Deny') return false;
  return source === 'admission' && operation === 'CREATE' && !dryRun && groupKind !== 'core/Namespace';
}

/** A cache is always a little late: nobody is refused for what it does not hold until the cluster itself was asked. */
export function refuseAbsence(finding: JudgedFinding, { evidence }: Context): JudgedFinding {
  return evidence === 'confirmed' ? { ...finding, action: 'Deny' } : untilConfirmed(finding);
}

function untilConfirmed(finding: JudgedFinding): JudgedFinding {
  return { ...finding, action: 'Warn', unconfirmed: true };
}

/** The same holds for what it still holds. */
function restsOnCache({ action, restsOn }: JudgedFinding, { evidence, request }: Context): boolean {
  return action === 'Deny' && restsOn !== undefined && request.source === 'admission' && evidence === 'cached';
}

function ceiling({ atMost }: Finding, { tier }: CheckSubject): Action {
  if (atMost === undefined) return 'Deny';
  return typeof atMost === 'string' ? atMost : atMost[tier];
}

/**
 * On UPDATE a finding that stood before only warns: a label edit, a scale or a roll-back in an incident must not be held
 * up by an old sin. The old object is evaluated only when something would be denied.
 */
function ratchet(
  findings: readonly JudgedFinding[],
  rule: ActiveRule,
  subject: CheckSubject,
  { request, policy, view }: Context,
): readonly JudgedFinding[] {
  const { oldObject } = request;
  if (oldObject === undefined || !findings.some(({ action }) => action === 'Deny')) return findings;
  const before = readSubject(request, oldObject, policy, view);
  if (onlyScaled(before, subject)) return findings.map(underSpecWarns);
  if (!rule.ratchet && !sameContent(before, subject)) return findings;
  const stood = new Set<string>();
  for (const { identity, covers = [] } of rule.configured.evaluate(before, view)) {
    for (const name of [identity, ...covers]) stood.add(name);
  }
  return findings.map((finding) =>
    finding.action === 'Deny' && (finding.covers ?? [finding.identity]).every((name) => stood.has(name))
      ? { ...finding, action: 'Warn', preexisting: true }
      : finding,
  );
}

/** Whether nothing but the number of pods is another: a scale by whoever applies a file, which nothing may hold up. */
function onlyScaled(before: CheckSubject, after: CheckSubject): boolean {
  if (before.workload === undefined || before.workload.replicas === after.workload?.replicas) return false;
  return sameBut(fields(before.object['spec']), fields(after.object['spec']), (key) => key === 'replicas');
}

/** What it says elsewhere, as a key in an annotation, is no matter of scale. */
function underSpecWarns(finding: JudgedFinding): JudgedFinding {
  return finding.action === 'Deny' && finding.path.startsWith('/spec') ? { ...finding, action: 'Warn' } : finding;
}

/** Even a rule without ratchet lets a scale or a pause of an unchanged template through, and a label on what has no template. */
function sameContent(before: CheckSubject, after: CheckSubject): boolean {
  if (before.workload === undefined) return onlyMetadataChanged(before.object, after.object);
  if (after.workload === undefined) return false;
  const [old, now] = [before.workload.template, after.workload.template];
  return sameJson(old.spec, now.spec) && sameJson(old.labels, now.labels) && sameJson(old.annotations, now.annotations);
}

/** Class and place of the fault, never its message: V8 quotes the input in some of them, and the input may be a Secret. */
function placeOfFault(fault: unknown): string {
  if (!(fault instanceof Error)) return 'not an Error';
  const frame = fault.stack?.split('\n').find((line) => line.startsWith('    at '));
  return frame === undefined ? fault.name : `${fault.name} ${frame.trim()}`;
}
