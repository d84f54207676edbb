import { type AutoscalerMetric, isDefaultMetric, metricsOf } from '../../kubernetes/autoscaler-metrics.ts';
import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { at } from '../../kubernetes/fields.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import type { GroupKind, KubernetesObject } from '../../kubernetes/object.ts';
import type { CheckSubject, Finding } from '../check.ts';

export const apiServiceKind: GroupKind = 'apiregistration.k8s.io/APIService';

/** Who answers for the metrics of each type. */
const adapters: ReadonlyMap<string, string> = new Map([
  ['Pods', 'custom.metrics.k8s.io'],
  ['Object', 'custom.metrics.k8s.io'],
  ['External', 'external.metrics.k8s.io'],
]);

/** What is wrong with what a HorizontalPodAutoscaler looks at, and with how fast it follows. */
export function* hpaMetrics({ object, source }: CheckSubject, view: ClusterView): Iterable<Finding> {
  const metrics = metricsOf(object);
  for (const metric of metrics) {
    if (isDefaultMetric(metric)) yield describeDefault();
    else yield* judgeUtilization(metric);
    const group = adapters.get(metric.type);
    if (group !== undefined && knowsAdapters(source, view) && !isServed(group, view))
      yield describeAdapter(group, metric);
  }
  yield* judgeBehavior(
    object,
    metrics.some(({ utilization }) => utilization !== undefined),
  );
}

/** Whether it cannot be told if an adapter is there that the object needs. */
export function lacksAdapters({ object, source }: CheckSubject, view: ClusterView): boolean {
  return !knowsAdapters(source, view) && metricsOf(object).some(({ type }) => adapters.has(type));
}

/** Adapters are installed apart from applications: files without any say nothing about them. */
function knowsAdapters(source: CheckSubject['source'], view: ClusterView): boolean {
  if (view.knows(apiServiceKind) !== 'all') return false;
  return source !== 'files' || [...view.list(apiServiceKind)].length > 0;
}

function isServed(group: string, view: ClusterView): boolean {
  for (const service of view.list(apiServiceKind)) if (at(service, 'spec', 'group') === group) return true;
  return false;
}

function describeAdapter(group: string, { type, pointer }: AutoscalerMetric): Finding {
  return {
    identity: `adapter/${group}`,
    path: pointerTo(pointer, 'type'),
    message: `a metric of type ${type}, but nothing serves ${group}`,
    why: `until something does, it does not scale by it (FailedGet${type}Metric)`,
    fix: 'Install a metrics adapter (prometheus-adapter, KEDA or that of the cloud), or scale by cpu',
    atMost: 'Warn',
    pending: true,
  };
}

/** In a file only: the API server writes the default down. */
function describeDefault(): Finding {
  return {
    identity: 'metrics',
    path: '/spec/metrics',
    message: 'no metrics, so it scales by cpu at 80 % of the requests',
    why: 'whoever reads it does not see by what it scales',
    fix: 'Write the metric down:\nmetrics:\n  - type: Resource\n    resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}',
    atMost: 'Audit',
    severity: 'info',
  };
}

function* judgeUtilization({ utilization, pointer, resource, type }: AutoscalerMetric): Iterable<Finding> {
  if (utilization === undefined || (utilization >= 10 && utilization <= 95)) return;
  yield {
    identity: `utilization/${resource ?? type}`,
    path: pointer,
    message: `aims at a ${resource ?? 'resource'} utilisation of ${utilization} % of the requests`,
    why:
      utilization > 95
        ? 'pods are added only once those that run are overrun, and it takes minutes until they help'
        : 'it runs many times the pods that the work needs',
    fix: 'Set averageUtilization between 60 and 80, and requests to what a pod normally uses',
    atMost: 'Warn',
    severity: 'medium',
  };
}

function* judgeBehavior({ spec }: KubernetesObject, byUtilization: boolean): Iterable<Finding> {
  if (byUtilization && at(spec, 'behavior', 'scaleDown', 'stabilizationWindowSeconds') === 0) yield describeFlapping();
  for (const direction of ['scaleUp', 'scaleDown'] as const) {
    if (at(spec, 'behavior', direction, 'selectPolicy') === 'Disabled') yield describeDisabled(direction);
  }
}

function describeFlapping(): Finding {
  return {
    identity: 'flapping',
    path: '/spec/behavior/scaleDown/stabilizationWindowSeconds',
    message: 'scales down at once (stabilizationWindowSeconds: 0)',
    why: 'a dip of seconds takes away pods that are needed again before others have started',
    fix: 'Set stabilizationWindowSeconds: 300, or leave it out',
    atMost: 'Audit',
    severity: 'low',
  };
}

function describeDisabled(direction: 'scaleUp' | 'scaleDown'): Finding {
  return {
    identity: `disabled/${direction}`,
    path: `/spec/behavior/${direction}/selectPolicy`,
    message: `never scales ${direction === 'scaleUp' ? 'up' : 'down'} (selectPolicy: Disabled)`,
    why: 'what was switched off for an afternoon is easily forgotten',
    fix: 'Set selectPolicy: Max, unless it shall stay that way',
    atMost: 'Audit',
    severity: 'info',
  };
}
