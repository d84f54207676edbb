import type { Check } from '../checks/check.ts';
import { judge } from '../engine/judge.ts';
import type { Mistake } from '../errors.ts';
import type { ServerVersion } from '../kubernetes/cluster-view.ts';
import { fieldPath } from '../kubernetes/json-pointer.ts';
import { ObjectIndex } from '../kubernetes/object-index.ts';
import type { ActivePolicy } from '../policy/active-policy.ts';
import { mistakesInOwnKind } from '../policy/own-kinds.ts';
import { crossLoopNamespaces, loopsOf } from './cross-loop.ts';
import { duplicateWarnings } from './duplicates.ts';
import type { PlacedManifest } from './manifest.ts';
import { namespaceOf } from './namespace-of.ts';
import type { ManifestsRead } from './read-manifests.ts';
import type { AuditReport, ObjectReport, ReportedFinding, UnjudgedCheck } from './report.ts';

export interface AuditOptions {
  /** Where objects go that name no namespace. */
  readonly defaultNamespace: string;
  /** The manifests are all there is: what is not among them is missing. */
  readonly complete: boolean;
  readonly version: ServerVersion | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Judges every manifest, each in the world of all of them. */
export function audit(read: ManifestsRead, policy: ActivePolicy, options: AuditOptions): AuditReport {
  const placed = read.manifests.map((manifest) => ({
    ...manifest,
    namespace: namespaceOf(manifest.object, options.defaultNamespace),
  }));
  const world = new ObjectIndex(options.complete ? 'all' : 'some', options.version);
  for (const { object, namespace } of placed) world.put(object, namespace ?? '');
  const reports = judgeAll(placed, policy, world, options.now);
  return {
    policy: policy.name,
    files: read.files,
    objects: placed.length,
    otherDocuments: read.otherDocuments,
    reports,
    crossLoopNamespaces: crossLoopNamespaces(reports),
    mistakes: [...read.mistakes, ...placed.flatMap((manifest) => ownMistakes(manifest, policy.checklist, options.now))],
    warnings: [...read.warnings, ...duplicateWarnings(placed)],
  };
}

/** What the webhook would refuse in a ReadinessPolicy or ReadinessExemption. */
function ownMistakes(
  { object, document, pointer }: PlacedManifest,
  checklist: readonly Check[],
  now: number,
): readonly Mistake[] {
  return mistakesInOwnKind(object, now, checklist).map(({ pointer: within, message }) => ({
    file: document.file,
    position: document.locate(pointer + within),
    field: fieldPath(pointer + within),
    message,
  }));
}

function judgeAll(
  manifests: readonly PlacedManifest[],
  policy: ActivePolicy,
  world: ObjectIndex,
  now: number,
): readonly ObjectReport[] {
  const reports: ObjectReport[] = [];
  for (const manifest of manifests) {
    const report = judgeOne(manifest, policy, world, now);
    if (report !== undefined) reports.push(report);
  }
  return reports;
}

/** @returns undefined for an object about which there is nothing to say */
function judgeOne(
  manifest: PlacedManifest,
  policy: ActivePolicy,
  world: ObjectIndex,
  now: number,
): ObjectReport | undefined {
  const { object, namespace, document, pointer } = manifest;
  const { results, tier, inSystemNamespace, bypass } = judge(
    {
      object,
      namespace,
      now,
      oldObject: undefined,
      operation: 'CREATE',
      subresource: undefined,
      source: 'files',
      user: undefined,
      dryRun: false,
    },
    policy,
    world,
  );
  const findings: ReportedFinding[] = [];
  const unjudged: UnjudgedCheck[] = [];
  for (const { check, findings: found, reason, exempted } of results) {
    for (const finding of found) findings.push({ finding, position: document.locate(pointer + finding.path) });
    if (reason !== undefined) unjudged.push({ check, ...reason, exempted });
  }
  if (findings.length === 0 && unjudged.length === 0 && bypass === undefined) return undefined;
  const { apiVersion, kind, metadata } = object;
  const name = metadata.name ?? metadata.generateName ?? '';
  const place = { apiVersion, kind, namespace, name, file: document.file, position: document.locate(pointer) };
  return { place, tier, inSystemNamespace, findings, unjudged, loops: loopsOf(findings), bypass };
}
