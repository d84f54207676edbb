import type { Loop } from '../checks/check.ts';
import type { AuditReport, ObjectReport, ReportedFinding } from './report.ts';

/** The loops, in checklist order, and the platform below them. */
export const loops = [
  'identity',
  'compute',
  'network',
  'storage',
  'observability',
  'platform',
] as const satisfies readonly Loop[];

/** In which an object fails. The platform is none: that it is broken too says nothing about the object. */
export function loopsOf(findings: readonly ReportedFinding[]): readonly Loop[] {
  return loops.filter((loop) => loop !== 'platform' && findings.some(({ finding }) => finding.check.loop === loop));
}

/** Two or more loops are one architectural problem: an incident shows in one and is caused in another. */
export function isCrossLoop(failing: readonly Loop[]): boolean {
  return failing.length >= 2;
}

/** Where one object fails in all the loops of its namespace, that object says so already. A system namespace is many applications. */
export function crossLoopNamespaces(reports: readonly ObjectReport[]): AuditReport['crossLoopNamespaces'] {
  const ordinary = reports.filter(({ inSystemNamespace }) => !inSystemNamespace);
  const byNamespace = Map.groupBy(ordinary, ({ place }) => (place.kind === 'Namespace' ? place.name : place.namespace));
  return [...byNamespace].flatMap(([namespace, members]) => {
    if (namespace === undefined) return [];
    const failing = loops.filter((loop) => members.some((member) => member.loops.includes(loop)));
    const alone = members.some((member) => member.loops.length === failing.length);
    return isCrossLoop(failing) && !alone ? [{ namespace, loops: failing }] : [];
  });
}
