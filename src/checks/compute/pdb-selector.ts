import type { ScaleTarget } from '../../kubernetes/autoscaling.ts';
import {
  budgetedKinds,
  selectedTargets,
  selectedUnscaled,
  selectsUnscaled,
} from '../../kubernetes/budgeted-workloads.ts';
import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import {
  budgetKind,
  type DisruptionBudget,
  expectedPods,
  readDisruptionBudget,
  settingOf,
} from '../../kubernetes/disruption-budget.ts';
import { flowYaml } from '../../kubernetes/flow-yaml.ts';
import { matchesSelector, selectsAll } from '../../kubernetes/label-selector.ts';
import { enumerate, namedObject } from '../../kubernetes/named-objects.ts';
import { type GroupKind, hasOwner, type KubernetesObject } from '../../kubernetes/object.ts';
import { readWorkload } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { ceilingOfOwned } from '../owned-budget.ts';

const unscaledKinds: readonly GroupKind[] = ['apps/DaemonSet', 'batch/Job', 'batch/CronJob', 'core/Pod'];

export const pdbSelector = defineCheck<object>({
  id: 'compute/pdb-selector',
  title: 'A PodDisruptionBudget selects what it is meant for',
  why: 'a budget for other pods than its author thinks protects nothing, or holds up every drain',
  prevents: [
    'NoPods: No matching pods found (a budget that protects nothing)',
    'found no controllers for pod "…": condition DisruptionAllowed=False, reason SyncFailed, and no eviction at all',
    'UnmanagedPods: … (pods that a budget does not count)',
  ],
  remedy:
    "Select the pods of one Deployment or StatefulSet, best with that workload's own spec.selector. Pods of Jobs, DaemonSets " +
    'or nobody have no scale: under maxUnavailable or a percentage the controller cannot count them and allows nothing.',
  severity: 'high',
  kinds: [budgetKind, ...unscaledKinds],
  reads: Object.fromEntries([budgetKind, ...budgetedKinds].map((kind) => [kind, 'none'])),
  params: { schema: { type: 'object', properties: {}, required: [], additionalProperties: false }, defaults: {} },
  *evaluate(subject, _params, view) {
    if (subject.groupKind === budgetKind)
      for (const finding of judgeBudget(subject, view)) yield { ...finding, ...ceilingOfOwned(subject) };
    else yield* uncountedUnder(subject, view);
  },
  unknown({ groupKind, object, namespace }, _params, view) {
    if (groupKind !== budgetKind) return view.knows(budgetKind) === 'all' ? undefined : budgetKind;
    const { selector } = readDisruptionBudget(object);
    const selectsNone = selectedTargets(selector, namespace, view)?.length === 0;
    return budgetedKinds.find((kind) => view.knows(kind) === 'none' || (selectsNone && view.knows(kind) !== 'all'));
  },
});

function* judgeBudget({ object, namespace, source }: CheckSubject, view: ClusterView): Iterable<Finding> {
  const budget = readDisruptionBudget(object);
  if (budget.selector === undefined || budget.selector === null) {
    yield describeNone();
    return;
  }
  const scaled = selectedTargets(budget.selector, namespace, view);
  const unscaled = [...selectedUnscaled(budget.selector, namespace, view)];
  const all = [...(scaled ?? []), ...unscaled];
  if (selectsAll(budget.selector) && all.length > 1) yield describeWholeNamespace(all, selectorsOf(scaled ?? [], view));
  else if (scaled !== undefined && scaled.length > 1) yield describeSum(scaled, selectorsOf(scaled, view));
  if (unscaled.length > 0 && countsByScale(budget)) yield describeUncountable(budget, unscaled);
  if (scaled?.length === 0 && !hasPods(object) && isSure(budget.selector, namespace, view))
    yield describeIdle(budget, source, object);
}

/** Only an integer `minAvailable` is compared with the pods that there are; all else asks their controllers for a scale. */
function countsByScale({ minAvailable, maxUnavailable }: DisruptionBudget): boolean {
  return maxUnavailable !== undefined || typeof minAvailable === 'string';
}

/** Pods of an operator's custom resource, of which no view knows: the controller has counted them. */
function hasPods(budget: KubernetesObject): boolean {
  return (expectedPods(budget) ?? 0) > 0;
}

/** Whether nothing else could be selected: by what is known, and by labels that pods only get later. */
function isSure(selector: unknown, namespace: string | undefined, view: ClusterView): boolean {
  return budgetedKinds.every((kind) => view.knows(kind) === 'all') && !selectsUnscaled(selector, namespace, view);
}

const selectorYaml = 'spec:\n  selector:\n    matchLabels: {app: <name>}';
/** So many selectors are written out; who has more will see how it goes on. */
const mostSelectors = 3;

function describeNone(): Finding {
  return {
    identity: 'selector',
    path: '/spec/selector',
    message: 'no selector, which selects no pod at all',
    why: 'nothing is protected, although a budget stands there',
    fix: `Select the pods as their workload does in its spec.selector:\n${selectorYaml}`,
    atMost: 'Warn',
  };
}

/** The selectors of the workloads as each would stand in a budget of its own; those without a scale need none. */
function selectorsOf(targets: readonly ScaleTarget[], view: ClusterView): string {
  const lines = targets.slice(0, mostSelectors).map((target) => {
    const object = view.get(target.groupKind, target.namespace, target.name);
    const selector = (object && readWorkload(object, target.namespace)?.selector) ?? { matchLabels: { app: '<name>' } };
    return `spec: {selector: ${flowYaml(selector)}}   # ${namedObject(target)}`;
  });
  return lines.length === 0 ? selectorYaml : lines.join('\n');
}

function describeWholeNamespace(all: readonly ScaleTarget[], selectors: string): Finding {
  return {
    identity: 'whole-namespace',
    path: '/spec/selector',
    message: `selector: {} counts ${enumerate(all.map(namedObject))} as one`,
    why: 'one of them may lose all its pods while another keeps the number up, and each further budget overlaps with it',
    fix: `Write one budget for each workload, with its own selector:\n${selectors}`,
    atMost: 'Warn',
    severity: 'medium',
  };
}

function describeSum(scaled: readonly ScaleTarget[], selectors: string): Finding {
  return {
    identity: 'several-workloads',
    path: '/spec/selector',
    message: `counts the pods of ${enumerate(scaled.map(namedObject))} together`,
    why: 'one of them may lose all its pods while the others keep the sum up',
    fix: `Write one budget for each, unless they stand in for one another:\n${selectors}`,
    atMost: 'Audit',
    severity: 'info',
  };
}

function describeUncountable(budget: DisruptionBudget, unscaled: readonly ScaleTarget[]): Finding {
  return {
    identity: 'no-scale',
    path: '/spec/selector',
    message: `selects pods of ${enumerate(unscaled.map(namedObject))}, which ${settingOf(budget)} cannot count`,
    why: 'the controller gives up (SyncFailed: found no controllers for pod) and refuses to evict any pod that it selects',
    fix: 'Select only pods of Deployments or StatefulSets, by a label that the others lack, or set minAvailable to a number',
    // One of them is enough to stop it.
    restsOn: unscaled.slice(0, 1),
  };
}

/** The budget may well come first: Helm sends it before the Deployment, and an operator before its pods. */
function describeIdle(
  { selector }: DisruptionBudget,
  source: CheckSubject['source'],
  object: KubernetesObject,
): Finding {
  return {
    identity: 'selects-nothing',
    path: '/spec/selector',
    message: `selects no pods of any workload in its namespace: ${flowYaml(selector).slice(0, 48)}`,
    why: 'nothing is protected, although a budget stands there',
    fix: `Select the labels of the pod template, as the workload's spec.selector does:\n${selectorYaml}`,
    atMost: source === 'admission' || hasOwner(object) ? 'Audit' : 'Warn',
    severity: 'medium',
    pending: true,
  };
}

/** Seen from the pods that have no scale: the budgets that they bring to a stop, or that do not count them. */
function* uncountedUnder({ groupKind, namespace, workload }: CheckSubject, view: ClusterView): Iterable<Finding> {
  if (workload === undefined || workload.controller !== undefined) return;
  for (const object of view.list(budgetKind, namespace)) {
    const budget = readDisruptionBudget(object);
    if (!countsByScale(budget) || matchesSelector(budget.selector, workload.template.labels) !== 'yes') continue;
    const name = object.metadata.name ?? '';
    const isBare = groupKind === 'core/Pod';
    yield {
      identity: `pdb/${name}`,
      path: `${workload.template.pointer}/metadata/labels`,
      message: `PodDisruptionBudget ${name} selects its pods, which ${settingOf(budget)} ${isBare ? 'does not' : 'cannot'} count`,
      why: isBare
        ? 'nobody is asked how many there should be, so the budget is right about the others only (event UnmanagedPods)'
        : 'the controller gives up (SyncFailed: found no controllers for pod) and refuses to evict any pod of that budget',
      fix: `Give its pods a label value that the selector of PodDisruptionBudget ${name} does not ask for`,
      atMost: isBare ? 'Audit' : 'Warn',
      ...(isBare && { severity: 'low' }),
    };
  }
}
