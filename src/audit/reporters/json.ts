import type { Exempted } from '../../engine/decision.ts';
import type { Mistake } from '../../errors.ts';
import { policyApiVersion } from '../../policy/readiness-policy.ts';
import { isCrossLoop } from '../cross-loop.ts';
import type { AuditReport, ObjectPlace, ObjectReport, ReportedFinding, UnjudgedCheck } from '../report.ts';
import { summarize } from '../summary.ts';

/** The report for machines: docs/audit-json.md describes it, docs/schemas/audit-report.json is its schema. */
export function renderJson(report: AuditReport): string {
  return `${JSON.stringify(describeReport(report), undefined, 2)}\n`;
}

function describeReport(report: AuditReport): object {
  const { policy, files, objects, otherDocuments, reports, crossLoopNamespaces, mistakes, warnings } = report;
  return {
    apiVersion: policyApiVersion,
    kind: 'AuditReport',
    policy,
    summary: { files, objects, otherDocuments, ...summarize(report) },
    findings: reports.flatMap((one) => one.findings.map((finding) => describeFinding(finding, one))),
    crossLoop: {
      objects: reports.filter((one) => isCrossLoop(one.loops)).map((one) => placed(one.place, { loops: one.loops })),
      namespaces: crossLoopNamespaces,
    },
    skipped: unjudged(reports, (one) => one.code !== 'faulted'),
    errors: unjudged(reports, (one) => one.code === 'faulted'),
    bypassed: reports.flatMap((one) => (one.bypass === undefined ? [] : [placed(one.place, { reason: one.bypass })])),
    mistakes: mistakes.map(describeMistake),
    warnings: warnings.map(describeMistake),
  };
}

function describeFinding({ finding, position }: ReportedFinding, report: ObjectReport): object {
  const { place: object, tier, inSystemNamespace } = report;
  const { check, action, severity, identity, path, message, why, fix, pending, preexisting, note } = finding;
  return {
    check: check.id,
    loop: check.loop,
    action,
    severity,
    tier,
    inSystemNamespace,
    identity,
    object: objectReference(object),
    file: object.file,
    ...position,
    path,
    message,
    why,
    fix,
    pending: pending ?? false,
    preexisting,
    note,
  };
}

function unjudged(reports: readonly ObjectReport[], wanted: (one: UnjudgedCheck) => boolean): readonly object[] {
  return reports.flatMap((report) =>
    report.unjudged
      .filter(wanted)
      .map(({ check, code, message, exempted }) =>
        placed(report.place, { check: check.id, reason: code, message, ...describeExempted(exempted) }),
      ),
  );
}

/** What an exemption lets pass is said all the same: a deviation is visible. */
function describeExempted(exempted: Exempted | undefined): object {
  if (exempted === undefined) return {};
  const findings = exempted.findings.map(({ identity, action, message }) => ({ identity, action, message }));
  return { exemption: exempted.exemption, findings };
}

function placed(object: ObjectPlace, said: object): object {
  return { ...said, object: objectReference(object), file: object.file, ...object.position };
}

function objectReference({ apiVersion, kind, namespace, name }: ObjectPlace): object {
  return { apiVersion, kind, namespace, name };
}

function describeMistake({ file, position, field, message }: Mistake): object {
  return { file, ...position, field, message };
}
