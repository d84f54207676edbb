import type { Action } from '../checks/action.ts';
import type { Loop } from '../checks/check.ts';
import { isCrossLoop, loops } from './cross-loop.ts';
import type { AuditReport, ObjectReport, UnjudgedCheck } from './report.ts';

/** What a finding can lead to, the strictest first. */
export const findingActions = ['Deny', 'Warn', 'Audit'] as const satisfies readonly Action[];
export type FindingAction = (typeof findingActions)[number];

/** The report in numbers. */
export interface Summary {
  readonly findings: Readonly<Record<FindingAction, number>>;
  readonly byLoop: Readonly<Record<Loop, Readonly<Record<FindingAction, number>>>>;
  readonly objectsWithFindings: number;
  readonly crossLoopObjects: number;
}

export function summarize({ reports }: AuditReport): Summary {
  const byLoop = Object.fromEntries(loops.map((loop) => [loop, { Deny: 0, Warn: 0, Audit: 0 }])) as Record<
    Loop,
    Record<FindingAction, number>
  >;
  const findings = { Deny: 0, Warn: 0, Audit: 0 };
  for (const { finding } of reports.flatMap((report) => report.findings)) {
    // The engine never hands out a finding whose action is Off.
    const action = finding.action as FindingAction;
    findings[action]++;
    byLoop[finding.check.loop][action]++;
  }
  return {
    findings,
    byLoop,
    objectsWithFindings: reports.filter((report) => report.findings.length > 0).length,
    crossLoopObjects: reports.filter((report) => isCrossLoop(report.loops)).length,
  };
}

/** Checks that threw: a defect of daytwo, in contrast to those that lacked knowledge or are exempted. */
export function faultsOf({ unjudged }: ObjectReport): readonly UnjudgedCheck[] {
  return unjudged.filter(({ code }) => code === 'faulted');
}
