import type { Tier } from '../checks/action.ts';
import type { Decision, JudgedFinding, Request } from '../engine/decision.ts';
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
  /** Its check has no verdict at present, so that this is as it was when it had one. */
  readonly carriedOver: boolean;
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
 * What the objects of a place, and a namespace itself, still wait for or clash with. For whoever remembers nothing the state follows
 * from the age of the object alone: he must say something all the same.
 *
 * @param before what there was when the place was last judged
 */
export function* standingFindings(
  place: string | undefined,
  judged: JudgedNamespace,
  before?: readonly StandingFinding[],
): Iterable<StandingFinding> {
  const { view, policy } = judged;
  const known = before && Map.groupBy(before, ({ object }) => object.metadata.uid);
  const standing = (object: KubernetesObject): Iterable<StandingFinding> =>
    standingOf(object, place, judged, known && (known.get(object.metadata.uid) ?? []));
  if (place !== undefined) {
    const namespace = view.get('core/Namespace', undefined, place);
    if (namespace === undefined || namespace.metadata.deletionTimestamp) return;
    yield* standing(namespace);
  }
  for (const kind of judgedKinds(policy, place)) {
    for (const object of view.list(kind, place)) if (!object.metadata.deletionTimestamp) yield* standing(object);
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
  before: readonly StandingFinding[] | undefined,
): Iterable<StandingFinding> {
  const decision = judge(liveRequest(object, namespace, now), policy, view);
  const { uid = '', creationTimestamp } = object.metadata;
  const dueByAge = Date.parse(creationTimestamp ?? '') + grace;
  for (const { findings } of decision.noteworthy) {
    for (const finding of findings) {
      // Of an object's own fields the cache holds what these need, and not what the others do.
      if (!finding.pending && !finding.conflict) continue;
      const key = `${uid} ${finding.check.id} ${finding.identity}`;
      const due = before === undefined ? dueByAge : dueSinceFirstSeen(key, before, Math.max(dueByAge, now + grace));
      const state = due > now ? 'pending' : 'violation';
      yield { key, object, namespace, tier: decision.tier, finding, state, due, carriedOver: false };
    }
  }
  // A watch that has broken off, or a defect of ours, ends nothing.
  for (const one of before ?? []) if (hasNoVerdict(decision, one.finding)) yield { ...one, object, carriedOver: true };
}

/** What came up at an old object has the grace period too: an object is edited, scaled or left by what it needs at any age. */
function dueSinceFirstSeen(key: string, before: readonly StandingFinding[], firstSeenNow: number): number {
  return before.find((one) => one.key === key)?.due ?? firstSeenNow;
}

function hasNoVerdict({ results }: Decision, finding: JudgedFinding): boolean {
  const code = results.find(({ check }) => check.id === finding.check.id)?.reason?.code;
  return code === 'unknown' || code === 'faulted';
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
