import type { Tier } from '../checks/action.ts';
import type { JudgedFinding, Request } from '../engine/decision.ts';
import { judge } from '../engine/judge.ts';
import type { ClusterView } from '../kubernetes/cluster-view.ts';
import { type GroupKind, groupKindOf, type KubernetesObject } from '../kubernetes/object.ts';
import { watchedKinds } from '../kubernetes/watched-kinds.ts';
import type { ActivePolicy } from '../policy/active-policy.ts';
import { restlessKinds } from './work-list.ts';

/** Something that an object in the cluster lacks, or clashes with, for longer than it may or not yet. */
export interface StandingFinding {
  /** Names it among all of the cluster as long as the object lives. */
  readonly key: string;
  readonly object: KubernetesObject;
  readonly namespace: string | undefined;
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
  /** Milliseconds that what is missing may take to arrive, and a conflict to end. */
  readonly grace: number;
}

/**
 * What the objects of a place, and a namespace itself, still wait for or clash with. The state follows from the age of the object
 * alone: whoever remembers nothing must say something all the same.
 */
export function* standingFindings(place: string | undefined, judged: JudgedNamespace): Iterable<StandingFinding> {
  const { view, policy } = judged;
  if (place !== undefined) {
    const namespace = view.get('core/Namespace', undefined, place);
    if (namespace === undefined || namespace.metadata.deletionTimestamp) return;
    yield* standingOf(namespace, place, judged);
  }
  for (const kind of judgedKinds(policy, place)) {
    for (const object of view.list(kind, place)) {
      if (!object.metadata.deletionTimestamp) yield* standingOf(object, place, judged);
    }
  }
}

function judgedKinds({ checklist }: ActivePolicy, place: string | undefined): ReadonlySet<GroupKind> {
  const isJudged = (kind: GroupKind): boolean =>
    watchedKinds.get(kind)?.namespaced === (place !== undefined) &&
    kind !== 'core/Namespace' &&
    !restlessKinds.has(kind);
  return new Set(checklist.flatMap(({ kinds }) => kinds).filter(isJudged));
}

function* standingOf(
  object: KubernetesObject,
  namespace: string | undefined,
  { view, policy, now, grace }: JudgedNamespace,
): Iterable<StandingFinding> {
  const decision = judge(liveRequest(object, namespace, now), policy, view);
  const { uid = '', creationTimestamp } = object.metadata;
  const due = Date.parse(creationTimestamp ?? '') + grace;
  for (const { findings } of decision.noteworthy) {
    for (const finding of findings) {
      // Of an object's own fields the cache holds what these need, and not what the others do.
      if (!finding.pending && !finding.conflict) continue;
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
export function liveRequest(object: KubernetesObject, namespace: string | undefined, now: number): Request {
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
