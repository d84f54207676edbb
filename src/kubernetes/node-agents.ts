import type { ClusterView } from './cluster-view.ts';
import { at, list, text } from './fields.ts';
import { parseImageReference } from './image-reference.ts';
import { type GroupKind, type KubernetesObject, labelOf } from './object.ts';

export const daemonSetKind: GroupKind = 'apps/DaemonSet';

/** Recognises an agent by the repository of one of its images, or by the name that a cloud or a chart gives its DaemonSet. */
export interface NodeAgent {
  readonly image: RegExp;
  readonly name?: RegExp;
}

/** What follows log files on each node, and adds pod, namespace and node to each line from their paths or from the API. */
export const logCollectors: NodeAgent = {
  image:
    /(^|\/)(opentelemetry-collector[\w-]*|[\w-]*otel-collector|(aws-for-|newrelic-)?fluent-?bit[\w-]*|fluentd[\w-]*|filebeat[\w-]*|elastic-agent[\w-]*|vector|vector-rhel\d+|grafana-agent|grafana\/agent|alloy|promtail|datadog(hq)?\/agent|datadog-agent)$/,
  name: /^(fluentbit-gke|ama-logs|fluent-bit|fluentd|filebeat|promtail|datadog-agent|vector|alloy)/,
};

/** The DaemonSets of the cluster that run such an agent, one by one for those who stop at the first. */
export function* nodeAgents(agent: NodeAgent, view: ClusterView): Iterable<KubernetesObject> {
  for (const daemonSet of view.all(daemonSetKind)) if (runs(agent, daemonSet)) yield daemonSet;
}

/** Whether no machine stands behind the Node: the pods on it are run by a service of the cloud, in its own version. */
export function isVirtualNode(node: KubernetesObject): boolean {
  return labelOf(node, 'type') === 'virtual-kubelet';
}

function runs({ image, name }: NodeAgent, daemonSet: KubernetesObject): boolean {
  if (name?.test(daemonSet.metadata.name ?? '')) return true;
  return list(at(daemonSet, 'spec', 'template', 'spec', 'containers')).some((container) => {
    const written = text(at(container, 'image'));
    return written !== undefined && image.test(parseImageReference(written).repository);
  });
}
