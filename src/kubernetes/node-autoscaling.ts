import type { ClusterView } from './cluster-view.ts';
import { type GroupKind, type KubernetesObject, labelOf } from './object.ts';
import { isNone, some } from './some.ts';

export const nodePoolKind: GroupKind = 'karpenter.sh/NodePool';

/**
 * Whether other Nodes than these may come when pods wait for one. Autoscalers that a cloud runs for its customers are
 * seen only by the pools that they keep. It may look at all Deployments of kube-system: ask only where something is wrong.
 */
export function mayGetOtherNodes(nodes: Iterable<KubernetesObject>, view: ClusterView): boolean {
  return (
    some(nodes, (node) => poolLabels.some((label) => labelOf(node, label) !== undefined)) ||
    !isNone(view.list(nodePoolKind)) ||
    some(view.list('apps/Deployment', 'kube-system'), isClusterAutoscaler)
  );
}

/** Its chart names it RELEASE-aws-cluster-autoscaler, or after some other cloud, unless the release is called so itself. */
function isClusterAutoscaler(deployment: KubernetesObject): boolean {
  const { name = '' } = deployment.metadata;
  return (
    name.includes('cluster-autoscaler') ||
    (labelOf(deployment, 'app.kubernetes.io/name')?.endsWith('cluster-autoscaler') ?? false)
  );
}

/** Of Karpenter, and of clouds whose node pools may scale on their own. */
const poolLabels: readonly string[] = [
  'karpenter.sh/nodepool',
  'cloud.google.com/gke-nodepool',
  'kubernetes.azure.com/agentpool',
  'agentpool',
  'eks.amazonaws.com/nodegroup',
  'doks.digitalocean.com/node-pool',
];
