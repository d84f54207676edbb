import type { CheckId, CheckSubject } from '../checks/check.ts';
import type { ClusterView } from '../kubernetes/cluster-view.ts';
import { own, text } from '../kubernetes/fields.ts';
import { applyPatch, type Operation, sameJson } from '../kubernetes/json-patch.ts';
import { pointerTo, valueAt } from '../kubernetes/json-pointer.ts';
import { annotationOf, controllerOf, type KubernetesObject, labelOf } from '../kubernetes/object.ts';
import type { ActivePolicy, ActiveRule } from '../policy/active-policy.ts';
import { bypassReason } from './bypass.ts';
import type { Mutation, Request } from './decision.ts';
import { unknownKind } from './evaluate.ts';
import { excusesFor } from './exemptions.ts';
import { decidingRules } from './match.ts';
import { readSubject } from './subject.ts';

const recordAnnotation = 'daytwo.dev/mutated-by';

/**
 * Folds the patches of all checks over the object, each on what the ones before it made: two patches that each create
 * the same parent would erase one another. A faulting patch is left out; the finding is then left to `judge`.
 */
export function mutate(request: Request, policy: ActivePolicy, view: ClusterView): Mutation {
  const operations: Operation[] = [];
  const checks: CheckId[] = [];
  const withheld: { check: CheckId; reason: string }[] = [];
  let { object } = request;
  let subject = readSubject(request, object, policy, view);
  if (bypassReason(request, subject, policy, view) === undefined && !belongsToOperator(object, policy)) {
    const excuses = excusesFor(subject, view, policy.checklist);
    for (const rule of earlierFirst(decidingRules(policy, subject, view), request.oldObject)) {
      const proposed = rule.patch ? proposePatch(rule, subject, view) : [];
      if (proposed.length === 0) continue;
      const { id } = rule.configured.check;
      // Whoever may deviate wants the object as it is.
      if (excuses(rule.configured.check).active !== undefined) continue;
      const patched = applyPatch(object, proposed);
      if (startsRollout(request, object, patched, subject)) {
        withheld.push({ check: id, reason: 'it would start a rollout that this request does not ask for' });
        continue;
      }
      operations.push(...proposed);
      checks.push(id);
      object = patched;
      subject = readSubject(request, object, policy, view);
    }
  }
  if (checks.length === 0) return { operations, object, checks, withheld };
  const record = recordChecks(object, checks);
  return { operations: [...operations, ...record], object: applyPatch(object, record), checks, withheld };
}

/**
 * Those whose patches the object has already come first: who replaces it by the file as it was gets just these back, and
 * no rollout for what is new.
 */
function earlierFirst(rules: readonly ActiveRule[], oldObject: KubernetesObject | undefined): readonly ActiveRule[] {
  const record = oldObject && annotationOf(oldObject, recordAnnotation);
  if (!record) return rules;
  const earlier = new Set(record.split(','));
  return [true, false].flatMap((wanted) =>
    rules.filter(({ configured }) => earlier.has(configured.check.id) === wanted),
  );
}

/** Owned objects are rewritten by their owner: a patch would be undone and done again for ever. */
function belongsToOperator(object: KubernetesObject, policy: ActivePolicy): boolean {
  const managedBy = labelOf(object, 'app.kubernetes.io/managed-by');
  return controllerOf(object) !== undefined || (managedBy !== undefined && policy.isOperatorManager(managedBy));
}

function proposePatch({ configured }: ActiveRule, subject: CheckSubject, view: ClusterView): readonly Operation[] {
  const { check } = configured;
  if (check.patchOperations !== undefined && !check.patchOperations.includes(subject.operation)) return [];
  if (check.allowAnnotation !== undefined && annotationOf(subject.object, check.allowAnnotation)?.trim()) return [];
  if (unknownKind(check, view) !== undefined) return [];
  // Of a Job's template nothing can be changed any more but where a suspended one is to run.
  if (subject.operation === 'UPDATE' && subject.groupKind === 'batch/Job') return [];
  try {
    const proposed = configured.patch(subject, view);
    applyPatch(subject.object, proposed);
    return proposed;
  } catch {
    return [];
  }
}

/**
 * A patch that brings back what an earlier one added (after `kubectl replace`) restarts nothing. Otherwise it may only
 * touch a template that its author is changing anyway.
 */
function startsRollout(
  { oldObject }: Request,
  object: KubernetesObject,
  patched: KubernetesObject,
  { workload }: CheckSubject,
): boolean {
  if (oldObject === undefined || workload === undefined || workload.template.pointer === '') return false;
  const templateOf = (from: KubernetesObject): unknown => valueAt(from, workload.template.pointer);
  const old = templateOf(oldObject);
  return !sameJson(templateOf(patched), old) && sameJson(templateOf(object), old);
}

/** On the workload's own metadata: in the template it would change the pod hash. */
function recordChecks(object: KubernetesObject, checks: readonly CheckId[]): readonly Operation[] {
  const annotations = object.metadata.annotations ?? undefined;
  const before = text(own(annotations, recordAnnotation));
  const recorded = [...new Set([...(before?.split(',') ?? []), ...checks])].toSorted().join(',');
  if (recorded === before) return [];
  const parent = '/metadata/annotations';
  const add: Operation = { op: 'add', path: pointerTo(parent, recordAnnotation), value: recorded };
  if (annotations !== undefined) return [add];
  return [{ op: 'test', path: parent, value: null }, { op: 'add', path: parent, value: {} }, add];
}
