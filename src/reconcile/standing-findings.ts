import type { Tier } from '../checks/action.ts';
import type { JudgedFinding, Request } from '../engine/decision.ts';
import { judge } from '../engine/judge.ts';
import type { ClusterView } from '../kubernetes/cluster-view.ts';
import { type GroupKind, groupKindOf, type KubernetesObject } from '../kubernetes/object.ts';
import { watchedKinds } from '../kubernetes/watched-kinds.ts';
import type { ActivePolicy } from '../policy/active-policy.ts';

/** Something that an object in the cluster lacks, for longer than it may or not yet. */
export interface StandingFinding {
  /** Names it among all of the cluster as long as the object lives. */
  readonly key: string;
  readonly object: KubernetesObject;
  readonly namespace: string;
  readonly tier: Tier;
  readonly finding: JudgedFinding;
  readonly state: 'pending' | 'violation';
  /** When a pending one becomes a violation, in milliseconds since 1970. */
  readonly due: number;
}

export interface JudgedNamespace {
  readonly view: ClusterView;
  readonly policy: ActivePolicy;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Milliseconds that companions may take to arrive. */
  readonly grace: number;
}

/**
 * What the objects of a namespace, and it itself, still wait for. The state follows from the age of the object alone: nothing
 * is remembered, so that a restart changes nothing.
 */
export function* standingFindings(name: string, judged: JudgedNamespace): Iterable<StandingFinding> {
  const { view, policy } = judged;
  const namespace = view.get('core/Namespace', undefined, name);
  if (namespace === undefined || namespace.metadata.deletionTimestamp) return;
  yield* waitingFor(namespace, name, judged);
  for (const kind of judgedKinds(policy)) {
    for (const object of view.list(kind, name)) {
      if (!object.metadata.deletionTimestamp) yield* waitingFor(object, name, judged);
    }
  }
}

function judgedKinds({ checklist }: ActivePolicy): ReadonlySet<GroupKind> {
  return new Set(checklist.flatMap(({ kinds }) => kinds).filter((kind) => watchedKinds.get(kind)?.namespaced === true));
}

function* waitingFor(
  object: KubernetesObject,
  namespace: string,
  { view, policy, now, grace }: JudgedNamespace,
): Iterable<StandingFinding> {
  const decision = judge(liveRequest(object, namespace, now), policy, view);
  const { uid = '', creationTimestamp } = object.metadata;
  const due = Date.parse(creationTimestamp ?? '') + grace;
  for (const { findings } of decision.noteworthy) {
    for (const finding of findings) {
      // The cache holds as much of an object as others' checks read: of its own fields only absence can be judged.
      if (!finding.pending) continue;
      yield {
        key: `${uid} ${finding.check.id} ${finding.identity}`,
        object,
        namespace,
        tier: decision.tier,
        finding,
        state: due > now ? 'pending' : 'violation',
        due,
      };
    }
  }
}

/**
 * A namespace is judged as if it came, since its being open is told of it alone; what lives in it as if it changed.
 */
function liveRequest(object: KubernetesObject, namespace: string, now: number): Request {
  return {
    object,
    oldObject: undefined,
    operation: groupKindOf(object) === 'core/Namespace' ? 'CREATE' : 'UPDATE',
    subresource: undefined,
    source: 'live',
    namespace,
    user: undefined,
    dryRun: false,
    now,
  };
}
