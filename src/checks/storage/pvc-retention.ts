import { autoscalerKinds, replicaBounds, replicaCeiling } from '../../kubernetes/autoscaling.ts';
import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { at } from '../../kubernetes/fields.ts';
import { namedObject } from '../../kubernetes/named-objects.ts';
import { groupKindOf } from '../../kubernetes/object.ts';
import { firstOrdinal } from '../../kubernetes/ordinals.ts';
import { claimKind, claimPrefix, claimTemplates } from '../../kubernetes/volume-claim.ts';
import type { Workload } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';

const policy = '/spec/persistentVolumeClaimRetentionPolicy';

export const pvcRetention = defineCheck<object>({
  id: 'storage/pvc-retention',
  title: 'Claims outlive the pods that used them',
  why: 'claims, and as a rule the disks behind them, are deleted with what they belonged to',
  prevents: [
    'a database that is gone after its StatefulSet was deleted to change an immutable field',
    'data of a replica that is gone after a night with little traffic',
  ],
  remedy:
    'Leave persistentVolumeClaimRetentionPolicy at Retain, its default, and delete claims that nobody needs any more by hand. ' +
    'Delete is for caches and other data that can be made again.',
  severity: 'medium',
  kinds: ['apps/StatefulSet'],
  reads: { ...Object.fromEntries(autoscalerKinds.map((kind) => [kind, 'some'])), [claimKind]: 'none' },
  params: { schema: { type: 'object', properties: {}, required: [], additionalProperties: false }, defaults: {} },
  *evaluate(subject, _params, view) {
    const { object, workload } = subject;
    if (workload === undefined || workload.controller !== undefined || claimTemplates(object).length === 0) return;
    if (deletes(subject, 'whenScaled')) yield* judgeScaled(subject, workload, view);
    else if (subject.source === 'live') yield* orphans(subject, workload, view);
    if (deletes(subject, 'whenDeleted') && subject.tier === 'production') {
      yield {
        identity: 'whenDeleted',
        path: `${policy}/whenDeleted`,
        message: 'whenDeleted: Delete deletes the claims of all pods with the StatefulSet',
        fix: fixFor('whenDeleted'),
        atMost: 'Warn',
      };
    }
  },
});

type Moment = 'whenDeleted' | 'whenScaled';

/** Retain is what API defaulting fills in. */
function deletes({ object }: CheckSubject, moment: Moment): boolean {
  return at(object, 'spec', 'persistentVolumeClaimRetentionPolicy', moment) === 'Delete';
}

function fixFor(moment: Moment): string {
  return `Keep them, and delete by hand what nobody needs any more:\npersistentVolumeClaimRetentionPolicy:\n  ${moment}: Retain`;
}

function* judgeScaled({ tier }: CheckSubject, workload: Workload, view: ClusterView): Iterable<Finding> {
  const { autoscaler } = replicaBounds(workload, view);
  const place = { identity: 'whenScaled', path: `${policy}/whenScaled`, fix: fixFor('whenScaled') };
  if (autoscaler !== undefined) {
    const scaler = namedObject({ groupKind: groupKindOf(autoscaler), name: autoscaler.metadata.name ?? '' });
    yield {
      ...place,
      identity: 'whenScaled/autoscaler',
      message: `whenScaled: Delete deletes a claim whenever ${scaler} scales in`,
      why: 'nobody decides about the data any more: a quiet hour is enough to lose it',
      severity: 'high',
    };
  } else if (tier === 'production') {
    yield { ...place, message: 'whenScaled: Delete deletes the claim of each pod that is scaled away', atMost: 'Warn' };
  }
}

/**
 * Of pods that are scaled away; they cost money, and come back with old data when it is scaled out again. A set at zero sleeps,
 * and what an autoscaler may start again is not forgotten.
 */
function* orphans({ object, namespace }: CheckSubject, workload: Workload, view: ClusterView): Iterable<Finding> {
  const { declared, autoscaler } = replicaBounds(workload, view);
  if (declared === 0) return;
  const start = firstOrdinal(object);
  const end = start + (autoscaler === undefined ? declared : Math.max(declared, replicaCeiling(autoscaler)));
  const prefixes = claimTemplates(object).map((one) => claimPrefix(one, workload.name));
  const left: string[] = [];
  for (const { metadata } of view.list(claimKind, namespace)) {
    const { name = '' } = metadata;
    const prefix = prefixes.find((one) => name.startsWith(one));
    const ordinal = prefix === undefined ? '' : name.slice(prefix.length);
    if (/^\d+$/.test(ordinal) && (Number(ordinal) < start || Number(ordinal) >= end)) left.push(name);
  }
  if (left.length === 0) return;
  const isOne = left.length === 1;
  yield {
    identity: 'orphans',
    path: '/spec/replicas',
    message: isOne
      ? `claim ${left[0]} is left over from a pod that no longer exists`
      : `${left.length} claims are left over from pods that no longer exist`,
    why: isOne
      ? 'it costs money, and a pod of that number would start with the old data'
      : 'they cost money, and pods of those numbers would start with the old data',
    fix: `Delete ${isOne ? 'it' : 'them'}, if nobody needs the data:\nkubectl delete pvc -n ${namespace} ${left.slice(0, 5).join(' ')}`,
    atMost: 'Audit',
    severity: 'low',
  };
}
