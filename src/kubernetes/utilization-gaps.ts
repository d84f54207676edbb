import { recommendedRequest } from './autoscaling.ts';
import type { AutoscalerMetric } from './autoscaler-metrics.ts';
import type { ClusterView } from './cluster-view.ts';
import { effectiveRequest, podLevelRequest, readPodResources, type Resource } from './effective-resources.ts';
import type { PodContainer } from './pod-template.ts';
import { parseQuantity } from './quantity.ts';
import type { Workload } from './workload.ts';

/** A container of whose use no percentage can be taken. */
export interface UtilizationGap {
  readonly resource: Resource;
  readonly metric: AutoscalerMetric;
  readonly container: string;
  /** Undefined where the metric names a container that is not there. */
  readonly one: PodContainer | undefined;
}

/**
 * The containers without the request of which a metric takes its percentage. A single one is enough for the autoscaler to
 * give up on the metric; sidecars count, init containers have ended by then. Source: replica_calculator.go of the
 * horizontal pod autoscaler.
 */
export function* utilizationGaps(
  metrics: readonly AutoscalerMetric[],
  workload: Workload,
  view: ClusterView,
): Iterable<UtilizationGap> {
  const { template, namespace } = workload;
  const pod = readPodResources(template, namespace, view);
  const running = template.containers.filter((one) => one.class === 'main' || one.class === 'sidecar');
  for (const metric of metrics) {
    const { resource, container, utilization } = metric;
    if (resource === undefined || utilization === undefined) continue;
    // A request of the whole pod stands in for those of its containers, but not for that of a single one.
    if (container === undefined && isPositive(podLevelRequest(pod, resource))) continue;
    for (const one of running) {
      if (container !== undefined && one.name !== container) continue;
      if (isPositive(effectiveRequest(one.container, resource, pod))) continue;
      if (recommendedRequest(workload, one.name, resource, view) === undefined)
        yield { resource, metric, container: one.name, one };
    }
    if (container !== undefined && !running.some(({ name }) => name === container))
      yield { resource, metric, container, one: undefined };
  }
}

/** A request of 0 leaves nothing to take a percentage of. */
function isPositive(quantity: unknown): boolean {
  return quantity !== undefined && (parseQuantity(quantity) ?? 0n) > 0n;
}
