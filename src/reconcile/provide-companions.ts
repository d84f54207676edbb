import type { ClusterView } from '../kubernetes/cluster-view.ts';
import { type GroupKind, groupKindOf, type KubernetesObject } from '../kubernetes/object.ts';
import type { Log, Term } from './background.ts';
import {
  budgetFor,
  generatedIn,
  isDefaultDeny,
  isGenerated,
  isOwnedBy,
  mayGenerate,
  missingDns,
  optedIn,
  policiesFor,
  withoutGenerated,
} from './companions.ts';
import { Retries } from './retries.ts';
import { type JudgedNamespace, type StandingFinding, standingFindings } from './standing-findings.ts';

export interface ProvideOptions {
  readonly log: Log;
  /** Server-side apply under our own field manager, never by force. */
  readonly apply: (object: KubernetesObject) => Promise<void>;
  /** Removes just what was seen, nothing that took its place. */
  readonly remove: (object: KubernetesObject) => Promise<void>;
  /** Why a namespace must not be closed now (something runs in it, or is called by the API server), or undefined. */
  readonly riskOfIsolation: (namespace: string) => Promise<string | undefined>;
}

/** @returns when it wants to look again, in milliseconds since 1970, where something is left to do */
export type ProvideCompanions = (
  namespace: string,
  standing: readonly StandingFinding[],
  judged: JudgedNamespace,
  term: Pick<Term, 'holds'>,
) => Promise<number | undefined>;

/** Objects that are made or withdrawn one after the other: where one is refused those after it are left alone. */
interface Step {
  readonly act: 'make' | 'withdraw';
  readonly objects: readonly KubernetesObject[];
  /** It cuts whatever traffic there is. */
  readonly closes?: boolean;
}

const policyKind: GroupKind = 'networking.k8s.io/NetworkPolicy';

/** Milliseconds between two attempts at what is refused, at most: as often as everything is judged. */
const longestPause = 300_000;

/**
 * Makes the companions that are missing in a namespace that opted in, and withdraws them once its people have their own, do not
 * need them any more, or have opted out. What is refused holds nothing else up.
 */
export function companionProvider(options: ProvideOptions): ProvideCompanions {
  const { log } = options;
  const retries = new Retries(longestPause);
  /** When each namespace lost its last policy; Infinity while it has one. */
  const openedAt = new Map<string, number>();

  /**
   * Who has just deleted a policy wants traffic to flow, or is about to bring another one.
   * @returns until when it counts as just deleted
   */
  function openedLately(name: string, judged: JudgedNamespace): number | undefined {
    const { now, grace } = judged;
    if (hasPolicies(name, judged)) openedAt.set(name, Number.POSITIVE_INFINITY);
    else if (openedAt.get(name) === Number.POSITIVE_INFINITY) openedAt.set(name, now);
    const over = (openedAt.get(name) ?? Number.NEGATIVE_INFINITY) + grace;
    return over > now ? over : undefined;
  }

  async function take({ act, objects, closes }: Step, namespace: string, term: Pick<Term, 'holds'>): Promise<void> {
    if (closes && (await options.riskOfIsolation(namespace)) !== undefined) return;
    for (const object of objects) {
      if (!term.holds()) return;
      await (act === 'make' ? options.apply(object) : options.remove(object));
      log.info(lineOf(object), act === 'make' ? 'made a companion' : 'withdrew a companion');
    }
  }

  /** @returns when to try it again, unless it is done */
  async function attempt(
    step: Step,
    namespace: string,
    now: number,
    term: Pick<Term, 'holds'>,
  ): Promise<number | undefined> {
    const key = JSON.stringify([step.act, ...step.objects.map(lineOf)]);
    const waits = retries.waits(key, now);
    if (waits !== undefined) return waits;
    try {
      await take(step, namespace, term);
      retries.succeeded(key);
      return undefined;
    } catch (error) {
      const { next, isNews } = retries.failed(key, error, now);
      if (isNews) log.warn({ err: error, judged: namespace }, `cannot ${step.act} a companion, trying again`);
      return next;
    }
  }

  return async (name, standing, judged, term) => {
    const { view, policy, now } = judged;
    const namespace = view.get('core/Namespace', undefined, name);
    if (namespace === undefined || namespace.metadata.deletionTimestamp || policy.isSystemNamespace(name)) {
      openedAt.delete(name);
      return undefined;
    }
    // Nobody withdraws or makes anything by what he does not know.
    const read = policy.checklist.flatMap(({ companions, reads }) =>
      companions === undefined ? [] : Object.keys(reads),
    );
    if (!read.every((kind) => view.knows(kind as GroupKind) === 'all')) return undefined;
    const lately = openedLately(name, judged);
    let next = Number.POSITIVE_INFINITY;
    for (const step of [...upkeep(name, namespace, judged), ...missing(name, namespace, standing, view)]) {
      if (!term.holds()) break;
      const again = step.closes && lately !== undefined ? lately : await attempt(step, name, now, term);
      next = Math.min(next, again ?? Number.POSITIVE_INFINITY);
    }
    return Number.isFinite(next) ? next : undefined;
  };
}

/** Ours that lets DNS out is only the other half of the one that denies. */
function hasPolicies(name: string, { view, policy }: JudgedNamespace): boolean {
  const kinds = policy.checklist.find(({ id }) => id === 'network/default-deny')?.companions?.kinds ?? [];
  return kinds.some((kind) => [...view.list(kind, name)].some((one) => !isGenerated(one) || isDefaultDeny(one)));
}

function isAboutPolicies({ finding }: StandingFinding): boolean {
  return finding.check.id === 'network/default-deny';
}

/** What of ours has to go, or to be completed. */
function* upkeep(name: string, namespace: KubernetesObject, judged: JudgedNamespace): Iterable<Step> {
  const ours = generatedIn(name, judged.view);
  if (ours.length === 0) return;
  // What would be missing without ours: all the rest is covered by somebody else, or exempt, or gone.
  const view: ClusterView = withoutGenerated(judged.view, name);
  const needs = [...standingFindings(name, { ...judged, view })];
  const policies = ours.filter((object) => groupKindOf(object) === policyKind);
  // Without the default-deny first: between the two no pod shall be closed in that cannot ask for names.
  const denyFirst = policies.toSorted((a, b) => Number(isDefaultDeny(b)) - Number(isDefaultDeny(a)));
  const needsPolicies = needs.some(isAboutPolicies) && optedIn(namespace, 'networkpolicy');
  // The other one alone would still hold back whatever is no question for a name.
  const closes = needsPolicies && policies.some(isDefaultDeny);
  if (policies.length > 0 && !closes) yield { act: 'withdraw', objects: denyFirst };
  // It only opens, so that it needs no look at what runs there.
  const dns = closes ? missingDns(name, judged.view) : undefined;
  if (dns !== undefined) yield { act: 'make', objects: [dns] };
  for (const object of ours) {
    if (groupKindOf(object) === policyKind) continue;
    // One that would not be made now goes too: pods that came under it later, of a CronJob, can block every eviction.
    const needsBudget = needs.some(
      (one) =>
        one.finding.check.id === 'compute/pdb-required' &&
        isOwnedBy(object, one) &&
        budgetFor(one.object, name, view) !== undefined,
    );
    if (!(needsBudget && optedIn(namespace, 'pdb'))) yield { act: 'withdraw', objects: [object] };
  }
}

function* missing(
  name: string,
  namespace: KubernetesObject,
  standing: readonly StandingFinding[],
  view: ClusterView,
): Iterable<Step> {
  for (const { finding, state, object } of standing.filter(mayGenerate)) {
    if (finding.check.id === 'compute/pdb-required' && state === 'violation' && optedIn(namespace, 'pdb')) {
      const budget = budgetFor(object, name, view);
      if (budget !== undefined) yield { act: 'make', objects: [budget] };
    }
  }
  // At once, and not after the grace period: the sooner a new namespace is closed, the less there is to cut.
  const isMissing = standing.some((one) => isAboutPolicies(one) && mayGenerate(one));
  const policies = isMissing && optedIn(namespace, 'networkpolicy') ? policiesFor(name, view) : [];
  if (policies.length > 0) yield { act: 'make', objects: policies, closes: true };
}

function lineOf(object: KubernetesObject): object {
  const { namespace, name } = object.metadata;
  return { object: { kind: groupKindOf(object), namespace, name } };
}
