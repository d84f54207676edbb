import type { ClusterView } from './cluster-view.ts';
import { type GroupKind, type KubernetesObject, labelOf } from './object.ts';

export const nodePoolKind: GroupKind = 'karpenter.sh/NodePool';

/**
 * Whether other Nodes than these may come when pods wait for one. Autoscalers that a cloud runs for its customers are
 * seen only by the pools that they keep.
 */
export function mayGetOtherNodes(nodes: Iterable<KubernetesObject>, view: ClusterView): boolean {
  for (const node of nodes) if (poolLabels.some((label) => labelOf(node, label) !== undefined)) return true;
  for (const _pool of view.list(nodePoolKind)) return true;
  return view.get('apps/Deployment', 'kube-system', 'cluster-autoscaler') !== undefined;
}

/** Of Karpenter, and of clouds whose node pools may scale on their own. */
const poolLabels: readonly string[] = [
  'karpenter.sh/nodepool',
  'cloud.google.com/gke-nodepool',
  'kubernetes.azure.com/agentpool',
];
