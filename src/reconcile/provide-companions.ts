import type { ClusterView } from '../kubernetes/cluster-view.ts';
import { type GroupKind, groupKindOf, type KubernetesObject } from '../kubernetes/object.ts';
import type { Log, Term } from './background.ts';
import {
  budgetFor,
  generatedIn,
  isOwnedBy,
  mayGenerate,
  optedIn,
  policiesFor,
  withoutGenerated,
} from './companions.ts';
import { type JudgedNamespace, type StandingFinding, standingFindings } from './standing-findings.ts';

export interface ProvideOptions {
  readonly log: Log;
  /** Server-side apply under our own field manager, never by force. */
  readonly apply: (object: KubernetesObject) => Promise<void>;
  /** Removes just what was seen, nothing that took its place. */
  readonly remove: (object: KubernetesObject) => Promise<void>;
  /** Why a namespace must not be closed now (something in it is older than the opt-in, or is called by the API server), or undefined. */
  readonly riskOfIsolation: (namespace: string) => Promise<string | undefined>;
}

const policyKind: GroupKind = 'networking.k8s.io/NetworkPolicy';

/**
 * Makes the companions that are missing in a namespace that opted in, and withdraws them once its people have their own, do not
 * need them any more, or have opted out.
 */
export async function provideCompanions(
  name: string,
  standing: readonly StandingFinding[],
  judged: JudgedNamespace,
  term: Pick<Term, 'holds'>,
  options: ProvideOptions,
): Promise<void> {
  const { view, policy } = judged;
  const namespace = view.get('core/Namespace', undefined, name);
  if (namespace === undefined || namespace.metadata.deletionTimestamp || policy.isSystemNamespace(name)) return;
  // Nobody withdraws or makes anything by what he does not know.
  const read = policy.checklist.flatMap(({ companions, reads }) =>
    companions === undefined ? [] : Object.keys(reads),
  );
  if (!read.every((kind) => view.knows(kind as GroupKind) === 'all')) return;
  for (const object of unneeded(name, namespace, judged)) {
    if (!term.holds()) return;
    await options.remove(object);
    options.log.info(lineOf(object), 'withdrew a companion');
  }
  for (const object of await missing(name, namespace, standing, view, options)) {
    if (!term.holds()) return;
    await options.apply(object);
    options.log.info(lineOf(object), 'made a companion');
  }
}

function unneeded(name: string, namespace: KubernetesObject, judged: JudgedNamespace): readonly KubernetesObject[] {
  const ours = generatedIn(name, judged.view);
  if (ours.length === 0) return [];
  // What would be missing without ours: all the rest is covered by somebody else, or exempt, or gone.
  const view: ClusterView = withoutGenerated(judged.view, name);
  const needs = [...standingFindings(name, { ...judged, view })];
  const needsPolicy = needs.some(({ finding }) => finding.check.id === 'network/default-deny');
  return ours.filter((object) => {
    if (groupKindOf(object) === policyKind) return !(needsPolicy && optedIn(namespace, 'networkpolicy'));
    const needsBudget = needs.some((one) => one.finding.check.id === 'compute/pdb-required' && isOwnedBy(object, one));
    return !(needsBudget && optedIn(namespace, 'pdb'));
  });
}

async function missing(
  name: string,
  namespace: KubernetesObject,
  standing: readonly StandingFinding[],
  view: ClusterView,
  { riskOfIsolation }: ProvideOptions,
): Promise<readonly KubernetesObject[]> {
  const made: KubernetesObject[] = [];
  for (const one of standing.filter(mayGenerate)) {
    const { finding, state, object } = one;
    if (finding.check.id === 'compute/pdb-required' && state === 'violation' && optedIn(namespace, 'pdb')) {
      const budget = budgetFor(object, name, view);
      if (budget !== undefined) made.push(budget);
    }
    // At once, and not after the grace period: the sooner a new namespace is closed, the less there is to cut.
    if (finding.check.id === 'network/default-deny' && optedIn(namespace, 'networkpolicy')) {
      const policies = policiesFor(name, view);
      if (policies.length === 0) continue;
      if ((await riskOfIsolation(name)) === undefined) made.push(...policies);
    }
  }
  return made;
}

function lineOf(object: KubernetesObject): object {
  const { namespace, name } = object.metadata;
  return { object: { kind: groupKindOf(object), namespace, name } };
}
