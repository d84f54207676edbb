import { budgetedKinds, templateLabels } from '../../kubernetes/budgeted-workloads.ts';
import { type ClusterView, unseenKind } from '../../kubernetes/cluster-view.ts';
import { budgetKind, readDisruptionBudget } from '../../kubernetes/disruption-budget.ts';
import { matchesSelector } from '../../kubernetes/label-selector.ts';
import { enumerate, namedObject } from '../../kubernetes/named-objects.ts';
import { controllerOf, type GroupKind, hasOwner, type KubernetesObject, labelOf } from '../../kubernetes/object.ts';
import { readWorkload } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { ceilingOfOwned } from '../owned-budget.ts';

/** A drain leaves the pods of DaemonSets where they are. */
const drainedKinds = budgetedKinds.filter((kind) => kind !== 'apps/DaemonSet');

export const pdbOverlap = defineCheck<object>({
  id: 'compute/pdb-overlap',
  title: 'A pod falls under one PodDisruptionBudget',
  why: 'the API server answers every eviction of such a pod with an error, so its node is never drained',
  prevents: [
    'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    'drains and node upgrades that retry until they time out',
  ],
  remedy:
    'Keep one budget for each workload: delete the other, or give the pods a label that only one of the selectors asks for. ' +
    'A rename leaves two of them for some seconds, which is why admission only warns.',
  severity: 'high',
  kinds: [budgetKind, ...drainedKinds],
  reads: Object.fromEntries([budgetKind, ...drainedKinds].map((kind) => [kind, 'none'])),
  params: { schema: { type: 'object', properties: {}, required: [], additionalProperties: false }, defaults: {} },
  *evaluate(subject, _params, view) {
    if (subject.groupKind === budgetKind) yield* overlapsOf(subject, view);
    else yield* overlapsOver(subject, view);
  },
  unknown({ groupKind, object, namespace }, _params, view) {
    if (view.knows(budgetKind) !== 'all') return budgetKind;
    if (groupKind !== budgetKind || otherBudgets(object, namespace, view).length === 0) return undefined;
    return unseenKind(drainedKinds, view);
  },
});

/** Seen from a budget: the others that select pods of the same workload. */
function* overlapsOf(subject: CheckSubject, view: ClusterView): Iterable<Finding> {
  const { object, namespace } = subject;
  const others = isGenerated(object) ? [] : otherBudgets(object, namespace, view);
  if (others.length === 0) return;
  const { selector } = readDisruptionBudget(object);
  const selected = [...drainedWorkloads(namespace, view)].filter(
    ({ labels }) => matchesSelector(selector, labels) === 'yes',
  );
  for (const other of others) {
    const name = nameOf(other);
    const theirs = readDisruptionBudget(other).selector;
    const shared = selected.filter(({ labels }) => matchesSelector(theirs, labels) === 'yes');
    if (shared.length === 0) continue;
    yield {
      identity: `pdb/${name}`,
      path: '/spec/selector',
      message: `PodDisruptionBudget ${name} selects the pods of ${enumerate(shared.map(namedObject))} too`,
      fix: hasOwner(other)
        ? `Delete this one, since ${name} has an owner that makes it again, or give the pods another label`
        : 'Delete one of the two, or let their selectors differ in the value of a label',
      conflict: true,
      ...ceilingOf(subject),
      ...ceilingOfOwned(subject),
    };
  }
}

/** Seen from a workload: the budgets that select its pods. */
function* overlapsOver(subject: CheckSubject, view: ClusterView): Iterable<Finding> {
  const { workload, namespace, object } = subject;
  if (workload === undefined) return;
  const budgets: KubernetesObject[] = [];
  for (const budget of view.list(budgetKind, namespace)) {
    if (counts(budget) && matchesSelector(readDisruptionBudget(budget).selector, workload.template.labels) === 'yes')
      budgets.push(budget);
  }
  if (budgets.length < 2) return;
  const names = budgets.map(nameOf).sort();
  yield {
    identity: 'pdbs',
    path: `${workload.template.pointer}/metadata/labels`,
    message: `PodDisruptionBudgets ${enumerate(names)} ${names.length === 2 ? 'both' : 'all'} select its pods`,
    fix: adviseOver(budgets, namespace),
    atMost: controllerOf(object) === undefined ? 'Warn' : 'Audit',
  };
}

/** An owner would make its budget again, so that is the one to keep. */
function adviseOver(budgets: readonly KubernetesObject[], namespace: string | undefined): string {
  const spare = budgets
    .filter((one) => !hasOwner(one))
    .map(nameOf)
    .sort();
  const deleted = spare.length < budgets.length ? spare : spare.slice(1);
  if (deleted.length === 0) return 'Have all but one of them left out by those that make them (their ownerReferences)';
  return `Delete all but one of them, for example:\nkubectl -n ${namespace} delete pdb ${deleted.join(' ')}`;
}

function nameOf({ metadata: { name = '' } }: KubernetesObject): string {
  return name;
}

/** Helm makes the new name of a budget before it deletes the old one. */
function ceilingOf({ source }: CheckSubject): { readonly atMost?: 'Warn' } {
  return source === 'admission' ? { atMost: 'Warn' } : {};
}

function otherBudgets(
  { metadata: { name } }: KubernetesObject,
  namespace: string | undefined,
  view: ClusterView,
): readonly KubernetesObject[] {
  const others: KubernetesObject[] = [];
  for (const one of view.list(budgetKind, namespace)) if (one.metadata.name !== name && counts(one)) others.push(one);
  return others;
}

/** A generated one is taken away as soon as somebody writes another. */
function counts(budget: KubernetesObject): boolean {
  return !isGenerated(budget) && !budget.metadata.deletionTimestamp;
}

function isGenerated(budget: KubernetesObject): boolean {
  return labelOf(budget, 'daytwo.dev/generated') === 'true';
}

function* drainedWorkloads(
  namespace: string | undefined,
  view: ClusterView,
): Iterable<{
  readonly groupKind: GroupKind;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}> {
  for (const groupKind of drainedKinds) {
    for (const object of view.list(groupKind, namespace)) {
      // What another object makes has that one's labels, and is told of there.
      if (controllerOf(object) !== undefined && groupKind === 'apps/ReplicaSet') continue;
      const isCron = groupKind === 'batch/CronJob';
      const labels = isCron ? (readWorkload(object, namespace)?.template.labels ?? {}) : templateLabels(object);
      yield { groupKind, name: object.metadata.name ?? '', labels };
    }
  }
}
