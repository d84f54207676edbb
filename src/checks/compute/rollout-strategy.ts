import { autoscalerElsewhere, autoscalerKinds } from '../../kubernetes/autoscaling.ts';
import { scaleTarget } from '../../kubernetes/budgeted-workloads.ts';
import { defineCheck } from '../check.ts';
import { exclusiveVolumeReads } from '../exclusive-volume.ts';
import { judgeDaemonSetRollout } from './rollout/daemon-set.ts';
import { judgeDeploymentRollout } from './rollout/deployment.ts';
import { judgeStatefulSetRollout } from './rollout/stateful-set.ts';

interface Params {
  /** The part of the replicas that shall keep serving while a Deployment rolls out. */
  minAvailableRatio: number;
}

export const rolloutStrategy = defineCheck<Params>({
  id: 'compute/rollout-strategy',
  title: 'A rollout keeps the service up, and comes to its end',
  why: 'the service is away for the length of each rollout',
  prevents: [
    'an outage with every deployment, and a longer one when the new version does not start',
    'ProgressDeadlineExceeded of a rollout that was only slow',
    'StatefulSet pods that run the old version for weeks',
  ],
  remedy:
    'Leave maxUnavailable at 25% or below and let maxSurge start new pods first. Recreate is for pods that cannot run side by ' +
    'side. progressDeadlineSeconds must be longer than the slowest start.',
  severity: 'medium',
  kinds: ['apps/Deployment', 'apps/StatefulSet', 'apps/DaemonSet'],
  reads: Object.fromEntries([...autoscalerKinds, ...exclusiveVolumeReads].map((kind) => [kind, 'none'])),
  params: {
    schema: {
      type: 'object',
      properties: { minAvailableRatio: { type: 'number', minimum: 0, maximum: 1 } },
      required: [],
      additionalProperties: false,
    },
    defaults: { minAvailableRatio: 0.5 },
  },
  *evaluate(subject, params, view) {
    const { workload, groupKind } = subject;
    if (workload === undefined) return;
    if (groupKind === 'apps/Deployment')
      yield* judgeDeploymentRollout(subject, workload, params.minAvailableRatio, view);
    else if (groupKind === 'apps/StatefulSet') yield* judgeStatefulSetRollout(subject);
    else yield* judgeDaemonSetRollout(subject.object, workload.template);
  },
  /** A number that nobody wrote may be an autoscaler's, which is not among these files. */
  unknown({ groupKind, object, namespace }, _params, view) {
    if (groupKind !== 'apps/Deployment') return undefined;
    return autoscalerElsewhere(scaleTarget(object, groupKind, namespace), view);
  },
});
