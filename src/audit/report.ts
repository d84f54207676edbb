import type { Tier } from '../checks/action.ts';
import type { Check, Loop } from '../checks/check.ts';
import type { Exempted, JudgedFinding, ReasonCode } from '../engine/decision.ts';
import type { Mistake, Position } from '../errors.ts';

/** The object that a line of the report speaks of, and where it was written. */
export interface ObjectPlace {
  readonly apiVersion: string;
  readonly kind: string;
  /** Undefined for a cluster-scoped object. */
  readonly namespace: string | undefined;
  readonly name: string;
  readonly file: string;
  readonly position: Position;
}

export interface ReportedFinding {
  readonly finding: JudgedFinding;
  readonly position: Position;
}

/** A check that came to no verdict on an object. */
export interface UnjudgedCheck {
  readonly check: Check;
  readonly code: ReasonCode;
  readonly message: string;
  /** Where a ReadinessExemption lets findings pass. */
  readonly exempted?: Exempted | undefined;
}

/** What there is to say about one object; objects that pass everything are only counted. */
export interface ObjectReport {
  readonly place: ObjectPlace;
  readonly tier: Tier;
  /** It lives where admission neither refuses nor patches anything. */
  readonly inSystemNamespace: boolean;
  readonly findings: readonly ReportedFinding[];
  readonly unjudged: readonly UnjudgedCheck[];
  /** The loops with findings, in checklist order; two or more are one cross-loop problem. */
  readonly loops: readonly Loop[];
  /** Why nothing was evaluated. */
  readonly bypass: string | undefined;
}

export interface AuditReport {
  readonly policy: string;
  readonly files: number;
  /** Objects read, whether they pass or not. */
  readonly objects: number;
  readonly otherDocuments: number;
  readonly reports: readonly ObjectReport[];
  /** Namespaces whose objects fail in more loops together than any of them alone. */
  readonly crossLoopNamespaces: readonly { readonly namespace: string; readonly loops: readonly Loop[] }[];
  readonly mistakes: readonly Mistake[];
  /** Worth a look, but no reason to fail: an object that is written twice, patches that were passed over. */
  readonly warnings: readonly Mistake[];
}
