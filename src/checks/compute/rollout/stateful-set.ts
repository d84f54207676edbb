import { at, fields } from '../../../kubernetes/fields.ts';
import { flowYaml } from '../../../kubernetes/flow-yaml.ts';
import { managedFieldsOf } from '../../../kubernetes/managed-fields.ts';
import { controllerOf, type KubernetesObject } from '../../../kubernetes/object.ts';
import type { CheckSubject, Finding } from '../../check.ts';

const strategy = '/spec/updateStrategy';

export function* judgeStatefulSetRollout({ object, source, now }: CheckSubject): Iterable<Finding> {
  const { type, rollingUpdate } = fields(at(object, 'spec', 'updateStrategy'));
  // An operator that deletes the pods itself wants just that.
  if (type === 'OnDelete' && controllerOf(object) === undefined) yield describeOnDelete();
  const maxUnavailable = at(rollingUpdate, 'maxUnavailable') ?? undefined;
  // A server on which the feature is off drops the field, so one that shows it heeds it.
  if (source === 'files' && maxUnavailable !== undefined && maxUnavailable !== 1) yield describeIgnored(maxUnavailable);
  if (source === 'live' && isForgotten(object, now)) yield describeForgotten(object);
}

function describeOnDelete(): Finding {
  return {
    identity: 'on-delete',
    path: `${strategy}/type`,
    message: 'updateStrategy OnDelete rolls nothing out until somebody deletes each pod',
    why: 'pods of the old version stay for weeks, until a drain replaces some of them by chance',
    fix: 'Let the controller replace them in order:\nspec:\n  updateStrategy: {type: RollingUpdate}',
    atMost: 'Warn',
  };
}

function describeIgnored(maxUnavailable: unknown): Finding {
  return {
    identity: 'maxUnavailable',
    path: `${strategy}/rollingUpdate/maxUnavailable`,
    message: `maxUnavailable: ${flowYaml(maxUnavailable)} of a StatefulSet is ignored`,
    why: 'the feature is off on a server as it comes, so pods are still replaced one by one',
    fix: 'Leave it out, or turn the feature gate MaxUnavailableStatefulSet on',
    atMost: 'Warn',
    severity: 'low',
  };
}

const oneDay = 24 * 60 * 60 * 1000;

/** A canary that stands since yesterday, with pods of the old version behind it. */
function isForgotten(object: KubernetesObject, now: number): boolean {
  const partition = at(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition');
  const [replicas, updated] = [at(object, 'spec', 'replicas') ?? 1, at(object, 'status', 'updatedReplicas') ?? 0];
  if (typeof partition !== 'number' || typeof replicas !== 'number' || typeof updated !== 'number') return false;
  return partition > 0 && updated < replicas && now - lastChange(object) > oneDay;
}

/** When somebody last wrote its spec; milliseconds since 1970. */
function lastChange(object: KubernetesObject): number {
  const times = managedFieldsOf(object)
    .filter((entry) => entry['subresource'] !== 'status')
    .map((entry) => Date.parse(String(entry['time'])));
  const known = [Date.parse(object.metadata.creationTimestamp ?? ''), ...times].filter((time) => !Number.isNaN(time));
  return known.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...known);
}

function describeForgotten(object: KubernetesObject): Finding {
  const { partition } = fields(at(object, 'spec', 'updateStrategy', 'rollingUpdate'));
  return {
    identity: 'partition',
    path: `${strategy}/rollingUpdate/partition`,
    message: `partition: ${String(partition)} has held back pods of the old version for more than a day`,
    why: 'a canary that nobody ends becomes two versions for good',
    fix: 'Finish the rollout:\nspec:\n  updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 0}}',
    atMost: 'Audit',
  };
}
