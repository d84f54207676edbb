import { authorSet } from '../../kubernetes/author-intent.ts';
import { autoscalerKinds, replicaBounds } from '../../kubernetes/autoscaling.ts';
import { unseenKind } from '../../kubernetes/cluster-view.ts';
import { at } from '../../kubernetes/fields.ts';
import { replicatedKinds } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';

const pointer = '/spec/replicas';

export const hpaReplicasConflict = defineCheck<object>({
  id: 'compute/hpa-replicas-conflict',
  title: 'Replicas are left to the autoscaler',
  why: 'each apply throws the workload back to the written number, at peak load too, until the autoscaler has made up for it',
  prevents: [
    'a rollout that cuts twenty pods down to three, and the errors until they are back',
    'an autoscaler and a GitOps controller that undo one another',
  ],
  remedy:
    'Leave spec.replicas out of the manifests of a workload that an autoscaler scales, and say how many at least in its ' +
    'minReplicas. Scaling by hand stays possible; the autoscaler then goes on from there.',
  severity: 'medium',
  kinds: replicatedKinds,
  reads: Object.fromEntries(autoscalerKinds.map((kind) => [kind, 'none'])),
  params: { schema: { type: 'object', properties: {}, required: [], additionalProperties: false }, defaults: {} },
  *evaluate(subject, _params, view) {
    const autoscaler = subject.workload && replicaBounds(subject.workload, view).autoscaler;
    if (autoscaler === undefined) return;
    const written = readConflict(subject);
    if (written !== undefined) yield describe(written, `${autoscaler.kind} ${autoscaler.metadata.name}`, subject);
  },
  /**
   * Who leaves the number out is in nobody's way. Whether the API server filled it in is not looked up here: that means parsing
   * what kubectl keeps of the object, for a verdict that says nothing.
   */
  unknown(subject, _params, view) {
    const unseen = unseenKind(autoscalerKinds, view);
    if (unseen === undefined || subject.workload === undefined) return undefined;
    if (replicaBounds(subject.workload, view).autoscaler !== undefined) return undefined;
    return subject.source === 'files' && readConflict(subject) === undefined ? undefined : unseen;
  },
});

/** A number that somebody set, with the one that it replaces on UPDATE. */
interface WrittenReplicas {
  readonly now: number;
  readonly before: number | undefined;
}

/**
 * On CREATE the API server has filled in 1, so only the author's own text can tell. On UPDATE the number was changed, or
 * it is what the autoscaler left there.
 */
function readConflict({ object, oldObject, operation, source, user }: CheckSubject): WrittenReplicas | undefined {
  const now = at(object, 'spec', 'replicas');
  // 0 parks the workload, and its autoscaler rests.
  if (typeof now !== 'number' || now === 0 || isScaler(user)) return undefined;
  if (operation === 'UPDATE') {
    const before = at(oldObject, 'spec', 'replicas');
    return typeof before === 'number' && before !== 0 && before !== now ? { now, before } : undefined;
  }
  return authorSet(object, pointer, source) === 'yes' ? { now, before: undefined } : undefined;
}

/** They go through the scale subresource, which nobody asks us about; KEDA writes some targets directly. */
function isScaler(user: string | undefined): boolean {
  return (
    user === 'system:serviceaccount:kube-system:horizontal-pod-autoscaler' ||
    /^system:serviceaccount:[^:]+:keda-operator$/.test(user ?? '')
  );
}

function describe({ now, before }: WrittenReplicas, autoscaler: string, subject: CheckSubject): Finding {
  const { object, namespace, source } = subject;
  const change = before === undefined ? `replicas: ${now} is written` : `replicas is set from ${before} to ${now}`;
  const command = `kubectl -n ${namespace} apply edit-last-applied ${object.kind.toLowerCase()}/${object.metadata.name ?? '<name>'}`;
  return {
    identity: 'replicas',
    path: pointer,
    message: `${change}, but ${autoscaler} scales it`.slice(0, 120),
    fix:
      `Remove spec.replicas from the manifest; to scale by hand, change the bounds of ${autoscaler}` +
      // Otherwise the API server takes the missing field for 1, once.
      (source === 'files'
        ? `\n# first delete replicas from the last-applied annotation too, or the next apply scales it to 1:\n${command}`
        : ''),
    // Scaling may be just what an incident needs.
    atMost: 'Warn',
  };
}
