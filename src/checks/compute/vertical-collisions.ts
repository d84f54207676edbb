import { autoscalersOf, type ScaleTarget } from '../../kubernetes/autoscaling.ts';
import { type AutoscalerMetric, metricsOf } from '../../kubernetes/autoscaler-metrics.ts';
import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { computeResources, type Resource } from '../../kubernetes/effective-resources.ts';
import { at, type Fields, fields, list } from '../../kubernetes/fields.ts';
import type { GroupKind, KubernetesObject } from '../../kubernetes/object.ts';
import { readWorkload } from '../../kubernetes/workload.ts';
import type { Finding } from '../check.ts';

export const vpaKind: GroupKind = 'autoscaling.k8s.io/VerticalPodAutoscaler';

/** A VerticalPodAutoscaler that changes the requests of which an autoscaler takes its percentage. */
export function* verticalCollisions(
  object: KubernetesObject,
  target: ScaleTarget,
  view: ClusterView,
): Iterable<Finding> {
  const acting = autoscalersOf(target, vpaKind, view).filter(acts);
  if (acting.length === 0) return;
  // A target in absolute numbers stays where it is, whatever is requested.
  const metrics = metricsOf(object).filter(({ utilization }) => utilization !== undefined);
  const containers = containersOf(target, view);
  for (const vpa of acting) {
    const moved = metrics.filter((metric) => moves(vpa, metric, containers));
    const shared = computeResources.filter((resource) => moved.some((metric) => metric.resource === resource));
    if (shared.length > 0) yield describe(vpa, shared);
  }
}

/** Without a mode it acts; `Initial` only ever looks at new pods. */
function acts(vpa: KubernetesObject): boolean {
  const mode = at(vpa, 'spec', 'updatePolicy', 'updateMode');
  return mode !== 'Off' && mode !== 'Initial';
}

/** The names of those that run; none where the workload is not in sight. */
function containersOf({ groupKind, namespace, name }: ScaleTarget, view: ClusterView): readonly string[] {
  const object = view.get(groupKind, namespace, name);
  const running = object && readWorkload(object, namespace)?.template.containers.filter((one) => one.class !== 'init');
  return running?.map((one) => one.name) ?? [];
}

function moves(vpa: KubernetesObject, { resource, container }: AutoscalerMetric, running: readonly string[]): boolean {
  if (resource === undefined) return false;
  const policies = list(at(vpa, 'spec', 'resourcePolicy', 'containerPolicies')).map(fields);
  const controls = (name: unknown): boolean => controlled(name, policies).includes(resource);
  if (container !== undefined) return controls(container);
  // Of a workload that is not in sight, one container is named by each policy, and another by none.
  return (running.length > 0 ? running : [...policies.map((one) => one['containerName']), undefined]).some(controls);
}

/** Of which resources it sets the requests of a container; of both, where no policy speaks of it. */
function controlled(name: unknown, policies: readonly Fields[]): readonly unknown[] {
  const policy =
    policies.find(({ containerName }) => containerName === name) ??
    policies.find(({ containerName }) => containerName === '*');
  return policy?.['mode'] === 'Off' ? [] : list(policy?.['controlledResources'] ?? computeResources);
}

function describe({ kind, metadata }: KubernetesObject, shared: readonly Resource[]): Finding {
  const named = `${kind} ${metadata.name}`;
  const otherwise =
    shared.length === 2
      ? 'scale by something other than cpu and memory'
      : `controlledResources: [${shared[0] === 'cpu' ? 'memory' : 'cpu'}] there`;
  return {
    identity: `${kind}/${metadata.name}`,
    path: '/spec',
    message: `${named} changes the ${shared.join(' and ')} requests by which this scales`,
    why: 'each new request moves the percentage, and the two chase one another',
    fix: `Set updateMode: "Off" in ${named}, or ${otherwise}`,
  };
}
