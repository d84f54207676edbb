import { metricsOf } from '../../kubernetes/autoscaler-metrics.ts';
import { at, own } from '../../kubernetes/fields.ts';
import { ownedSince } from '../../kubernetes/field-age.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import type { CheckSubject, Finding } from '../check.ts';

const day = 24 * 60 * 60 * 1000;
const pauses = ['paused', 'paused-replicas', 'paused-scale-in', 'paused-scale-out'].map(
  (name) => `autoscaling.keda.sh/${name}`,
);

/**
 * What KEDA's own webhook refuses, where that is installed: its operator takes the object without it, and scales by
 * nothing. And what somebody has paused and forgotten.
 */
export function* scaledObjectFaults(subject: CheckSubject): Iterable<Finding> {
  const { object } = subject;
  const { idle, min, max } = readCounts(object);
  if (min >= max) yield describeCounts('maxReplicaCount', `minReplicaCount ${min} is not below maxReplicaCount ${max}`);
  if (idle !== undefined && idle >= min)
    yield describeCounts('idleReplicaCount', `idleReplicaCount ${idle} is not below minReplicaCount ${min}`);
  const metrics = metricsOf(object);
  if (min === 0 && metrics.length > 0 && metrics.every(({ resource }) => resource !== undefined)) yield describeZero();
  yield* judgePauses(subject);
}

function readCounts(object: KubernetesObject): {
  readonly idle: number | undefined;
  readonly min: number;
  readonly max: number;
} {
  const read = (field: string): number | undefined => {
    const count = at(object, 'spec', field);
    return typeof count === 'number' ? count : undefined;
  };
  return { idle: read('idleReplicaCount'), min: read('minReplicaCount') ?? 0, max: read('maxReplicaCount') ?? 100 };
}

function describeCounts(field: string, message: string): Finding {
  return {
    identity: field,
    path: pointerTo('/spec', field),
    message,
    why: 'KEDA refuses it, or has nothing to scale between',
    fix: 'Set idleReplicaCount < minReplicaCount < maxReplicaCount (0 and 100 where the last two are left out)',
    atMost: 'Warn',
    severity: 'medium',
  };
}

function describeZero(): Finding {
  return {
    identity: 'scale-to-zero',
    path: '/spec/minReplicaCount',
    message: 'goes down to 0 (minReplicaCount), but scales by cpu and memory alone',
    why: 'with no pods there is no usage to measure, so nothing would ever scale it up again, and KEDA refuses it',
    fix: 'Set minReplicaCount: 1, or add a trigger that sees the work that waits',
    atMost: 'Warn',
    severity: 'medium',
  };
}

function* judgePauses({ object, namespace, now }: CheckSubject): Iterable<Finding> {
  for (const key of pauses) {
    const value = own(object.metadata.annotations, key);
    if (value === undefined || value === 'false') continue;
    const since = ownedSince(object, 'metadata', 'annotations', key);
    if (since === undefined || now - since < day) continue;
    const days = Math.floor((now - since) / day);
    yield {
      identity: key,
      path: pointerTo('/metadata/annotations', key),
      message: `has been paused for more than ${days === 1 ? 'a day' : `${days} days`} (${key})`,
      why: 'the workload keeps its number of pods whatever the load, and the pause is easily forgotten',
      fix: `Remove the annotation: kubectl -n ${namespace} annotate scaledobject ${object.metadata.name} ${key}-`,
      atMost: 'Audit',
      severity: 'low',
    };
  }
}
