import { authorSet } from '../../../kubernetes/author-intent.ts';
import type { ClusterView } from '../../../kubernetes/cluster-view.ts';
import { at } from '../../../kubernetes/fields.ts';
import { flowYaml } from '../../../kubernetes/flow-yaml.ts';
import type { KubernetesObject } from '../../../kubernetes/object.ts';
import type { PodTemplate } from '../../../kubernetes/pod-template.ts';
import { detectionTime, readProbe } from '../../../kubernetes/probe.ts';
import { rollingUpdateOf } from '../../../kubernetes/rolling-update.ts';
import type { Workload } from '../../../kubernetes/workload.ts';
import type { CheckSubject, Finding } from '../../check.ts';
import { exclusiveVolume } from '../../exclusive-volume.ts';
import { heldOnNode } from './held-on-node.ts';
import { replicasInRollout } from './replicas.ts';

/** @param ratio the part of the replicas that shall stay available */
export function* judgeDeploymentRollout(
  subject: CheckSubject,
  workload: Workload,
  ratio: number,
  view: ClusterView,
): Iterable<Finding> {
  const { object, namespace, tier } = subject;
  const replicas = replicasInRollout(object, workload, view);
  // A volume that serves one pod or node, or a port of the node, has to be let go before the next pod can take it.
  const takesTurns = (): boolean =>
    heldOnNode(workload.template) !== undefined || exclusiveVolume(workload.template, namespace, view) !== undefined;
  if (at(object, 'spec', 'strategy', 'type') === 'Recreate') {
    if (replicas !== undefined && replicas > 1 && !takesTurns()) yield describeRecreate(replicas);
  } else if (replicas !== 0) {
    const rolling = readRolling(object, replicas ?? 100);
    const reach = rolling && (replicas === undefined ? stopsAnyNumber(rolling) : rolling.unavailable >= replicas);
    if (rolling && reach && !(replicas === 1 && takesTurns())) yield describeGone(rolling, replicas, ratio, subject);
    else if (rolling && replicas !== undefined && replicas > 1 && (replicas - rolling.unavailable) / replicas < ratio)
      yield describeThin(rolling, replicas, ratio);
  }
  const slow = describeSlowStart(object, workload.template);
  if (slow !== undefined) yield slow;
  if (tier === 'production' && replicas !== 0 && !isPositive(at(object, 'spec', 'minReadySeconds')))
    yield describeHasty();
}

/** What may be away at a time, with the value that says so. */
interface Rolling {
  readonly maxUnavailable: unknown;
  readonly unavailable: number;
}

function readRolling(object: KubernetesObject, replicas: number): Rolling | undefined {
  const update = rollingUpdateOf(object, replicas);
  const maxUnavailable = at(object, 'spec', 'strategy', 'rollingUpdate', 'maxUnavailable') ?? '25%';
  return update && { maxUnavailable, unavailable: update.unavailable };
}

/** `100%`, which is all of them whatever their number. */
function stopsAnyNumber({ maxUnavailable }: Rolling): boolean {
  return typeof maxUnavailable === 'string' && Number.parseInt(maxUnavailable, 10) >= 100;
}

function describeRecreate(replicas: number): Finding {
  return {
    identity: 'recreate',
    path: '/spec/strategy/type',
    message: `strategy Recreate stops all ${replicas} replicas before the first new one starts`,
    fix: 'Let new pods start before old ones stop, unless the two versions cannot run side by side:\nspec:\n  strategy: {type: RollingUpdate}',
    atMost: 'Warn',
  };
}

function describeGone(
  rolling: Rolling,
  replicas: number | undefined,
  ratio: number,
  { object, source }: CheckSubject,
): Finding {
  const setting = `maxUnavailable: ${flowYaml(rolling.maxUnavailable)}`;
  const isMinimum = replicas !== (at(object, 'spec', 'replicas') ?? 1);
  const all = replicas === undefined ? 'all replicas' : `all ${replicas} replicas${isMinimum ? ' of its minimum' : ''}`;
  const who = replicas === 1 ? 'the only replica' : all;
  const why =
    replicas === 1 ? undefined : 'a new version that does not start is an outage, since nothing of the old one is left';
  // Of a number that nobody wrote, an autoscaler that comes next may make more.
  const mayGrow =
    source === 'admission' && authorSet(object, '/spec/replicas', source) !== 'yes' && !stopsAnyNumber(rolling);
  return {
    identity: 'all-unavailable',
    path: '/spec/strategy/rollingUpdate/maxUnavailable',
    message: `${setting} lets a rollout stop ${who} before a new one is ready`,
    ...(why !== undefined && { why }),
    fix: fewerAtATime(ratio),
    severity: 'high',
    ...(mayGrow && { atMost: 'Warn' }),
  };
}

function describeThin({ maxUnavailable, unavailable }: Rolling, replicas: number, ratio: number): Finding {
  return {
    identity: 'few-available',
    path: '/spec/strategy/rollingUpdate/maxUnavailable',
    message: `maxUnavailable: ${flowYaml(maxUnavailable)} leaves ${replicas - unavailable} of ${replicas} replicas in a rollout`,
    why: 'those that are left take all the load, at the moment when a new version proves itself',
    fix: fewerAtATime(ratio),
    atMost: 'Audit',
  };
}

/** The default, or less where more shall stay: a percentage rounds down, and so keeps the ratio at any scale. */
function fewerAtATime(ratio: number): string {
  const percent = Math.min(25, Math.floor(100 - 100 * ratio));
  const most = percent === 0 ? '0' : `${percent}%`;
  return `Set maxUnavailable: ${most} in strategy.rollingUpdate:\nspec:\n  strategy:\n    rollingUpdate: {maxUnavailable: ${most}, maxSurge: 25%}`;
}

/** The container that takes longest decides: those of a pod start side by side. */
function describeSlowStart(object: KubernetesObject, { containers }: PodTemplate): Finding | undefined {
  const written = at(object, 'spec', 'progressDeadlineSeconds');
  const deadline = typeof written === 'number' ? written : 600;
  let longest = 0;
  for (const { container } of containers) {
    const startup = container.startupProbe ? readProbe(container, 'startupProbe') : undefined;
    if (startup !== undefined) longest = Math.max(longest, startup.initialDelay + detectionTime(startup));
  }
  const settling = at(object, 'spec', 'minReadySeconds');
  const budget = longest + (longest > 0 && typeof settling === 'number' ? settling : 0);
  if (budget <= deadline) return undefined;
  return {
    identity: 'progressDeadlineSeconds',
    path: '/spec/progressDeadlineSeconds',
    message: `progressDeadlineSeconds: ${deadline} is over before a start that may take ${budget} s`,
    why: 'the rollout is reported as failed (ProgressDeadlineExceeded) while its pods are starting as they should',
    fix: `Wait for longer than the startup probe does:\nspec:\n  progressDeadlineSeconds: ${budget + 120}`,
    atMost: 'Warn',
  };
}

function describeHasty(): Finding {
  return {
    identity: 'minReadySeconds',
    path: '/spec/minReadySeconds',
    message: 'minReadySeconds: 0 takes a pod for available the moment it is ready',
    why: 'a version that breaks after a few seconds has replaced every pod by then',
    fix: 'Let a pod prove itself before the next old one goes:\nspec:\n  minReadySeconds: 10',
    atMost: 'Audit',
    severity: 'low',
  };
}

function isPositive(value: unknown): boolean {
  return typeof value === 'number' && value > 0;
}
