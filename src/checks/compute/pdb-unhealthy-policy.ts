import { budgetedKinds, selectedTargets, selectsUnscaled } from '../../kubernetes/budgeted-workloads.ts';
import type { ClusterView, ServerVersion } from '../../kubernetes/cluster-view.ts';
import { readDisruptionBudget } from '../../kubernetes/disruption-budget.ts';
import { at } from '../../kubernetes/fields.ts';
import type { GroupKind, KubernetesObject } from '../../kubernetes/object.ts';
import { replicatedKinds } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { ceilingOfOwned } from '../owned-budget.ts';

interface Params {
  /** Of which workloads a pod that is not ready is worth nothing, so that a patch may let it go. */
  mutateKinds: GroupKind[];
}

const pointer = '/spec/unhealthyPodEvictionPolicy';

export const pdbUnhealthyPolicy = defineCheck<Params>({
  id: 'compute/pdb-unhealthy-policy',
  title: 'A PodDisruptionBudget says what becomes of unhealthy pods',
  why: 'pods that crash-loop count as missing, so the budget protects the broken ones from the drain that would mend them',
  prevents: [
    'a drain that waits for ever on pods in CrashLoopBackOff',
    'nodes that no upgrade gets past after a bad rollout',
  ],
  remedy:
    'Set unhealthyPodEvictionPolicy: AlwaysAllow where a pod that is not ready is worth nothing, as in nearly every Deployment. ' +
    'Where one may hold the last copy of some data (quorum, resynchronising), write IfHealthyBudget, which is the default.',
  severity: 'medium',
  kinds: ['policy/PodDisruptionBudget'],
  reads: Object.fromEntries(budgetedKinds.map((kind) => [kind, 'none'])),
  params: {
    schema: {
      type: 'object',
      properties: {
        mutateKinds: { type: 'array', items: { type: 'string', enum: [...replicatedKinds] } },
      },
      required: [],
      additionalProperties: false,
    },
    defaults: { mutateKinds: ['apps/Deployment'] },
  },
  patchOperations: ['CREATE'],
  *evaluate(subject, _params, view) {
    if (!isServed(view.version)) return;
    const written = policyOf(subject.object);
    const kinds = selectedKinds(subject, view);
    if (written === undefined) yield { ...describeMissing(kinds), ...ceilingOfOwned(subject) };
    else if (written === 'IfHealthyBudget' && isAllOf(kinds, ['apps/Deployment'])) yield describeKept();
  },
  patch(subject, { mutateKinds }, view) {
    if (!isServed(view.version) || policyOf(subject.object) !== undefined) return [];
    if (!budgetedKinds.every((kind) => view.knows(kind) === 'all')) return [];
    if (!isAllOf(selectedKinds(subject, view), mutateKinds)) return [];
    return [{ op: 'add', path: pointer, value: 'AlwaysAllow' }];
  },
});

function policyOf(budget: KubernetesObject): unknown {
  return at(budget, 'spec', 'unhealthyPodEvictionPolicy') ?? undefined;
}

/** On by default from 1.27; a server that is not known is taken for a current one. */
function isServed(version: ServerVersion | undefined): boolean {
  return version === undefined || version.major > 1 || version.minor >= 27;
}

/** The kinds of the workloads that it selects; undefined where nobody can say, or where some have no scale. */
function selectedKinds({ object, namespace }: CheckSubject, view: ClusterView): readonly GroupKind[] | undefined {
  const { selector } = readDisruptionBudget(object);
  const targets = selectedTargets(selector, namespace, view);
  if (targets === undefined || selectsUnscaled(selector, namespace, view)) return undefined;
  return targets.map(({ groupKind }) => groupKind);
}

function isAllOf(kinds: readonly GroupKind[] | undefined, wanted: readonly GroupKind[]): boolean {
  return kinds !== undefined && kinds.length > 0 && kinds.every((kind) => wanted.includes(kind));
}

function describeMissing(kinds: readonly GroupKind[] | undefined): Finding {
  return {
    identity: 'unhealthyPodEvictionPolicy',
    path: pointer,
    message: 'no unhealthyPodEvictionPolicy: while too few pods are ready, the others cannot be evicted either',
    // What is not in sight may be the members of a database that an operator keeps.
    fix: isAllOf(kinds, ['apps/Deployment'])
      ? 'Let pods go that serve nobody:\nspec:\n  unhealthyPodEvictionPolicy: AlwaysAllow'
      : 'Set IfHealthyBudget if a pod may hold the last copy of data, else AlwaysAllow:\nspec:\n  unhealthyPodEvictionPolicy: IfHealthyBudget',
  };
}

function describeKept(): Finding {
  return {
    identity: 'IfHealthyBudget',
    path: pointer,
    message: 'IfHealthyBudget keeps crash-looping pods of a Deployment while too few of the others are ready',
    fix: 'Let pods go that serve nobody, unless they are waiting for something:\nspec:\n  unhealthyPodEvictionPolicy: AlwaysAllow',
    atMost: 'Audit',
    severity: 'info',
  };
}
