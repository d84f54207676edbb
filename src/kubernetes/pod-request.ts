import type { ClusterView } from './cluster-view.ts';
import { effectiveRequest, podLevelRequest, readPodResources, type Resource } from './effective-resources.ts';
import { at } from './fields.ts';
import { parseQuantity } from './quantity.ts';
import type { Workload } from './workload.ts';

/** In nano cores and nano bytes. */
export type Amounts = Readonly<Record<Resource, bigint>>;

/** What the scheduler sums up for a pod; init containers count only where one alone needs more than all the others. */
export function podRequest({ template, namespace }: Workload, view: ClusterView): Amounts {
  const pod = readPodResources(template, namespace, view);
  const sum = (resource: Resource): bigint => {
    const forPod = parseQuantity(podLevelRequest(pod, resource));
    if (forPod !== undefined) return forPod;
    let running = 0n;
    let starting = 0n;
    for (const one of template.containers) {
      const request =
        one.class === 'ephemeral' ? undefined : parseQuantity(effectiveRequest(one.container, resource, pod));
      if (request === undefined) continue;
      if (one.class !== 'init') running += request;
      else if (request > starting) starting = request;
    }
    return running > starting ? running : starting;
  };
  return { cpu: sum('cpu'), memory: sum('memory') };
}

/** How much of it a Node has for pods. */
export function allocatable(node: unknown, resource: Resource): bigint {
  return parseQuantity(at(node, 'status', 'allocatable', resource)) ?? 0n;
}
