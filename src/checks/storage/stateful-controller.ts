import { authorSet } from '../../kubernetes/author-intent.ts';
import { autoscalerKinds, replicaBounds, replicaCeiling } from '../../kubernetes/autoscaling.ts';
import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { csiDriverKind } from '../../kubernetes/csi-topology.ts';
import { at } from '../../kubernetes/fields.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import { namedObject } from '../../kubernetes/named-objects.ts';
import { groupKindOf } from '../../kubernetes/object.ts';
import { rollingUpdateOf } from '../../kubernetes/rolling-update.ts';
import { runsOnOneNode } from '../../kubernetes/single-node.ts';
import { claimKind, claimVolumes } from '../../kubernetes/volume-claim.ts';
import { customWorkloadKinds, type Workload } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { databaseContainer, databaseImages } from './database-images.ts';
import { type ExclusiveClaim, exclusiveClaims, missingClaim } from './exclusive-claims.ts';
import { placeOf, contendedClaim } from './contended-claim.ts';
import { keepsData, namesClaim } from './keeps-data.ts';

interface Params {
  /** Images of servers that keep data, by the last part of their name. */
  dbImages: string[];
}

const strategy = '/spec/strategy';

export const statefulController = defineCheck<Params>({
  id: 'storage/stateful-controller',
  title: 'Pods that share a volume can all use it',
  why: 'its volume attaches to one node at a time, and pods on any other node stay in ContainerCreating',
  prevents: [
    'Multi-Attach error for volume "…": Volume is already used by pod(s) …',
    'a rollout that never ends, because the new pod waits for the volume of the old one',
    'two database servers that write to the same files',
  ],
  remedy:
    'Give each pod a claim of its own: a StatefulSet with volumeClaimTemplates. A single pod with a claim can stay in a ' +
    'Deployment if the old pod ends before the new one starts (strategy Recreate, or maxSurge: 0). Pods that must share files ' +
    'need a ReadWriteMany claim, from a driver that offers it.',
  severity: 'high',
  kinds: ['apps/Deployment', 'apps/ReplicaSet', 'core/ReplicationController', ...customWorkloadKinds],
  // What is seen is enough for a finding; `unknown` speaks up for the rest.
  reads: {
    [claimKind]: 'none',
    'core/PersistentVolume': 'none',
    'storage.k8s.io/StorageClass': 'none',
    [csiDriverKind]: 'none',
    ...Object.fromEntries(autoscalerKinds.map((kind) => [kind, 'none'])),
  },
  params: {
    schema: {
      type: 'object',
      properties: { dbImages: { type: 'array', items: { type: 'string' } } },
      required: [],
      additionalProperties: false,
    },
    defaults: { dbImages: [...databaseImages] },
  },
  patchOperations: ['CREATE'],
  *evaluate(subject, { dbImages }, view) {
    const { workload } = subject;
    // The ReplicaSets of a Deployment are its own affair.
    if (workload === undefined || workload.controller !== undefined) return;
    if (claimVolumes(workload.template).length > 0) {
      for (const claim of exclusiveClaims(workload.template, workload.namespace, view))
        yield* judgeClaim(claim, subject, workload, view);
    }
    yield* judgeImage(subject, workload, dbImages);
  },
  unknown({ workload }, _params, view) {
    if (workload === undefined || workload.controller !== undefined) return undefined;
    const { template, namespace } = workload;
    if (view.knows(claimKind) !== 'all' && missingClaim(template, namespace, view) !== undefined) return claimKind;
    const mayScale = exclusiveClaims(template, namespace, view).length > 0;
    return mayScale ? autoscalerKinds.find((kind) => view.knows(kind) === 'none') : undefined;
  },
  /** The strategy is the author's word, so it is only filled in where there is none. */
  patch({ object, workload, source }, _params, view) {
    if (workload === undefined || authorSet(object, strategy, source) === 'yes' || !isDefaulted(object)) return [];
    const needed = exclusiveClaims(workload.template, workload.namespace, view).some((claim) =>
      isHeldInRollout(claim, object, workload),
    );
    const value = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } };
    return needed ? [{ op: 'add', path: strategy, value }] : [];
  },
});

function* judgeClaim(
  claim: ExclusiveClaim,
  { object }: CheckSubject,
  workload: Workload,
  view: ClusterView,
): Iterable<Finding> {
  const { declared, autoscaler } = replicaBounds(workload, view);
  const pinned = claim.servesOne === 'node' && runsOnOneNode(workload);
  const most = autoscaler === undefined ? declared : replicaCeiling(autoscaler);
  if (declared > 1 && !pinned) yield contendedClaim(claim, declared, workload.groupKind);
  else if (most > 1 && !pinned && autoscaler !== undefined) {
    const { groupKind, name } = { groupKind: groupKindOf(autoscaler), name: autoscaler.metadata.name ?? '' };
    yield {
      ...placeOf(claim, 'autoscaler'),
      message: `${namedObject({ groupKind, name })} may run ${most} pods on claim "${claim.name}" (${claim.accessMode})`,
      fix: `Remove the autoscaler or limit it to one pod, or give each pod a claim of its own in a StatefulSet`,
      conflict: true,
      atMost: 'Warn',
    };
  } else if (isHeldInRollout(claim, object, workload)) yield describeRollout(claim);
}

/**
 * Whether a rollout waits for ever: it starts the new pod first, and ends the old one, which has the volume, only once the
 * new one is ready. The defaults of 25 % come to just that for one replica. Source: deployment_util ResolveFenceposts.
 */
function isHeldInRollout(claim: ExclusiveClaim, object: CheckSubject['object'], workload: Workload): boolean {
  if (workload.groupKind !== 'apps/Deployment' || (workload.replicas ?? 1) > 1) return false;
  const rolling = rollingUpdateOf(object, 1);
  if (rolling === undefined || rolling.surge === 0 || rolling.unavailable > 0) return false;
  return claim.servesOne === 'pod' || !(claim.isLocal || runsOnOneNode(workload));
}

/** Other numbers than those of API defaulting were certainly chosen by someone. */
function isDefaulted(object: CheckSubject['object']): boolean {
  const rolling = at(object, 'spec', 'strategy', 'rollingUpdate');
  return [at(rolling, 'maxSurge'), at(rolling, 'maxUnavailable')].every((one) => one === undefined || one === '25%');
}

function describeRollout(claim: ExclusiveClaim): Finding {
  return {
    identity: `claim/${claim.name}/rollout`,
    path: strategy,
    message: `a rollout starts the new pod while the old one still has claim "${claim.name}" (${claim.accessMode})`,
    why: 'on another node the new pod never gets the volume, and the old one is not ended before the new one is ready',
    fix: 'Let the old pod end first:\nstrategy:\n  type: RollingUpdate\n  rollingUpdate: {maxSurge: 0, maxUnavailable: 1}',
    atMost: 'Warn',
  };
}

function* judgeImage({ tier }: CheckSubject, workload: Workload, images: readonly string[]): Iterable<Finding> {
  const database = workload.groupKind === 'apps/Deployment' ? databaseContainer(workload.template, images) : undefined;
  if (database === undefined || tier === 'sandbox') return;
  const { one, image, mayLackVolume } = database;
  const place = { identity: `container/${one.name}/image`, path: pointerTo(one.pointer, 'image') };
  if (keepsData(workload.template)) {
    const volume = namesClaim(workload.template) ? 'a claim' : 'a volume that outlives its pod';
    yield {
      ...place,
      message: `container "${one.name}" runs ${image} on ${volume}, in a Deployment`,
      why: 'in a rollout or a node failure a second server may start on the same files, and its pods have no lasting names',
      fix: 'Run it as a StatefulSet with volumeClaimTemplates, or leave it to the operator of that database',
      atMost: { production: 'Warn', standard: 'Audit', sandbox: 'Audit' },
    };
  } else if (tier === 'production' && !mayLackVolume) {
    yield {
      ...place,
      message: `container "${one.name}" runs ${image} without a persistent volume`,
      why: 'whatever it has stored is gone when the pod is replaced',
      fix: 'Run it as a StatefulSet with volumeClaimTemplates',
      atMost: 'Audit',
    };
  }
}
