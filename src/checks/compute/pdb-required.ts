import { replicaBounds } from '../../kubernetes/autoscaling.ts';
import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { budgetKind, companionBudget, hasBudget } from '../../kubernetes/disruption-budget.ts';
import { flowYaml } from '../../kubernetes/flow-yaml.ts';
import { replicatedKinds, type Workload } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';

interface Params {
  /** From how many replicas on a workload needs a budget. */
  minReplicas: number;
}

export const pdbRequired = defineCheck<Params>({
  id: 'compute/pdb-required',
  title: 'Replicated workloads have a PodDisruptionBudget',
  why: 'nothing keeps a node upgrade or scale-down from evicting all of its pods at the same time',
  prevents: ['an outage while nodes are drained, although several replicas were running'],
  remedy:
    'Add a PodDisruptionBudget whose selector matches the labels of the pod template, with maxUnavailable: 1 (or a ' +
    'percentage for many replicas), which stays drainable when the workload is scaled to one. Order does not matter: it may ' +
    'arrive after the workload.',
  severity: 'high',
  kinds: replicatedKinds,
  companions: { kinds: [budgetKind], of: replicatedKinds },
  reads: {
    [budgetKind]: 'some',
    'autoscaling/HorizontalPodAutoscaler': 'some',
    'keda.sh/ScaledObject': 'some',
  },
  params: {
    schema: {
      type: 'object',
      properties: { minReplicas: { type: 'integer', minimum: 1 } },
      required: [],
      additionalProperties: false,
    },
    defaults: { minReplicas: 2 },
  },
  *evaluate(subject, params, view) {
    const { workload } = subject;
    if (workload !== undefined && view.knows(budgetKind) === 'all' && lacksBudget(workload, params, view))
      yield describe(subject, workload, view);
  },
  /** Among a few files a budget that is found proves a pass; one that is not found proves nothing. */
  unknown({ workload }, params, view) {
    if (workload === undefined || view.knows(budgetKind) === 'all') return undefined;
    return lacksBudget(workload, params, view) ? budgetKind : undefined;
  },
});

function lacksBudget(workload: Workload, { minReplicas }: Params, view: ClusterView): boolean {
  return replicaBounds(workload, view).worst >= minReplicas && !hasBudget(workload.template, workload.namespace, view);
}

function describe({ groupKind }: CheckSubject, workload: Workload, view: ClusterView): Finding {
  const { declared, worst, autoscaler } = replicaBounds(workload, view);
  const count = autoscaler === undefined ? declared : `at least ${worst}`;
  return {
    identity: 'pdb',
    path: '/spec/template/metadata/labels',
    message: `no PodDisruptionBudget selects its pods (${count} replicas)`,
    fix: `Add a PodDisruptionBudget to its namespace:\n${companionYaml(workload, declared)}`,
    // An operator makes the budgets of what it makes, and its objects are not the author's to change.
    atMost: workload.controller === undefined ? 'Warn' : 'Audit',
    pending: true,
    ...(groupKind === 'apps/StatefulSet' && {
      why: 'nothing keeps a node upgrade from evicting several of its pods at once, and with them the quorum of what they store',
    }),
  };
}

function companionYaml(workload: Workload, declared: number): string {
  const spec = Object.entries(companionBudget(workload, declared));
  return [
    'apiVersion: policy/v1',
    'kind: PodDisruptionBudget',
    `metadata: ${flowYaml({ name: workload.name, namespace: workload.namespace })}`,
    'spec:',
    ...spec.map(([key, value]) => `  ${key}: ${flowYaml(value)}`),
  ].join('\n');
}
