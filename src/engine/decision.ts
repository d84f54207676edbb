import type { Action, Tier, WhenMissing } from '../checks/action.ts';
import type { Check, CheckId, CheckSubject, Finding, Severity } from '../checks/check.ts';
import type { Operation } from '../kubernetes/json-patch.ts';
import type { GroupKind, KubernetesObject } from '../kubernetes/object.ts';

/** What is asked of the engine: may this object become what it says, coming from this person? */
export interface Request
  extends Pick<CheckSubject, 'object' | 'operation' | 'subresource' | 'source' | 'user' | 'now'> {
  /** What it was before; undefined on CREATE. */
  readonly oldObject: KubernetesObject | undefined;
  /** Of the request, not of the object: a manifest may leave it out. Undefined for cluster-scoped objects. */
  readonly namespace: string | undefined;
  readonly dryRun: boolean;
}

/** A finding with what the policy makes of it. */
export interface JudgedFinding extends Finding {
  readonly check: Check;
  readonly why: string;
  readonly severity: Severity;
  /** After tier, `atMost`, ratchet and exemption; never `Off`. */
  readonly action: Action;
  /** It stood in `oldObject` already, so it warns where it would have denied. */
  readonly preexisting: boolean;
  /** Of a pending finding: what its rule wants to happen. */
  readonly whenMissing?: WhenMissing | undefined;
  /** It would deny if the cluster itself said what the view says: that there is no companion, or that what it rests on is so. */
  readonly unconfirmed?: boolean;
  /** An exemption that was meant for it and counts as none: `exemption shop/legacy expired on 2026-11-01`. */
  readonly note?: string;
}

/** What a ReadinessExemption let pass. */
export interface Exempted {
  /** `shop/legacy` */
  readonly exemption: string;
  /** As they would have been without it. */
  readonly findings: readonly JudgedFinding[];
}

/** PolicyReport's words: `fail` and `warn` carry findings, `skip` and `error` a reason. */
export type Outcome = 'pass' | 'fail' | 'warn' | 'error' | 'skip';

/** `unknown`: the cluster view could not answer; `exempt`: deviation allowed with a reason; `faulted`: a defect of daytwo. */
export type ReasonCode = 'unknown' | 'exempt' | 'faulted';

export interface Reason {
  readonly code: ReasonCode;
  readonly message: string;
}

export interface CheckResult {
  readonly check: Check;
  readonly outcome: Outcome;
  readonly findings: readonly JudgedFinding[];
  readonly reason?: Reason | undefined;
  /** Where the outcome is `skip` because of a ReadinessExemption. */
  readonly exempted?: Exempted | undefined;
  /** The rule's `onFault` is Deny and the check faulted. */
  readonly deniedByFault?: boolean;
}

export interface Decision {
  readonly allowed: boolean;
  readonly tier: Tier;
  readonly inSystemNamespace: boolean;
  /** Why nothing was evaluated (`system namespace`, `being deleted`, …); undefined when checks ran. */
  readonly bypass: string | undefined;
  /** Only checks that apply to the object, in checklist order. */
  readonly results: readonly CheckResult[];
  /** Those of them that say something about the object; of most objects there is none. */
  readonly noteworthy: readonly CheckResult[];
  /** What to look up in the cluster itself, and then judge again: the request is to be refused if it is still missing there. */
  readonly unconfirmed: readonly Unconfirmed[];
}

/** Objects of a kind in a namespace; of the kind Namespace the one of that name. */
export interface Unconfirmed {
  readonly kind: GroupKind;
  readonly namespace: string | undefined;
  /** The one object that matters; all of the kind where absent. */
  readonly name?: string;
}

/** What `/mutate` does to an object. */
export interface Mutation {
  readonly operations: readonly Operation[];
  /** The object after them. */
  readonly object: KubernetesObject;
  readonly checks: readonly CheckId[];
  /** Patches that were held back, each with its reason, because they would start a rollout: shown as warnings. */
  readonly withheld: readonly { readonly check: CheckId; readonly reason: string }[];
}

const none: readonly never[] = Object.freeze([]);

/** A result with findings, or a pass. */
export function resultOf(check: Check, findings: readonly JudgedFinding[] = none): CheckResult {
  if (findings.length === 0) return newResult(check, 'pass', none);
  return newResult(check, findings.some(({ action }) => action === 'Deny') ? 'fail' : 'warn', findings);
}

/** A result without a verdict. */
export function noVerdict(check: Check, outcome: 'skip' | 'error', code: ReasonCode, message: string): CheckResult {
  return newResult(check, outcome, none, { code, message });
}

/** Always the same fields in the same order: admission makes dozens a request and reads each several times. */
function newResult(check: Check, outcome: Outcome, findings: readonly JudgedFinding[], reason?: Reason): CheckResult {
  return { check, outcome, findings, reason, exempted: undefined, deniedByFault: false };
}

/** Not a pass. What a check could not see (`unknown`) is counted in the metrics, and says nothing about the request. */
export function isNoteworthy({ outcome, reason }: CheckResult): boolean {
  return outcome !== 'pass' && reason?.code !== 'unknown';
}

/** The exemptions that let something pass, each once: `shop/legacy`. */
export function exemptionsUsed({ noteworthy }: Decision): readonly string[] {
  const used = new Set<string>();
  for (const { exempted } of noteworthy) if (exempted !== undefined) used.add(exempted.exemption);
  return [...used];
}

/** All findings of a decision that carry one of the actions, in checklist order. */
export function findingsOf(decision: Decision, ...wanted: readonly Action[]): readonly JudgedFinding[] {
  const found: JudgedFinding[] = [];
  for (const result of decision.noteworthy) {
    for (const finding of result.findings) if (wanted.includes(finding.action)) found.push(finding);
  }
  return found;
}
