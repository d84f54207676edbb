import type { ClusterView } from './cluster-view.ts';
import type { Fields } from './fields.ts';
import { fitsNode, nodeDemands } from './node-affinity.ts';
import { type KubernetesObject, labelOf } from './object.ts';
import { toleratesNode, tolerationsOf } from './toleration.ts';

/** The Nodes on which pods with this spec may be put for good: by selector, required affinity and lasting taints. */
export function eligibleNodes(spec: Fields, view: ClusterView): readonly KubernetesObject[] {
  return [...eachEligibleNode(spec, view)];
}

/** The same one by one, for those who stop at the first that will do. */
export function* eachEligibleNode(spec: Fields, view: ClusterView): Iterable<KubernetesObject> {
  const demands = nodeDemands(spec);
  const tolerations = tolerationsOf(spec);
  for (const node of view.list('core/Node')) {
    if (fitsNode(demands, node) && toleratesNode(tolerations, node)) yield node;
  }
}

/** The different values that the Nodes have for a label: the domains of a topology key. */
export function domainsOf(nodes: Iterable<KubernetesObject>, key: string): ReadonlySet<string> {
  const domains = new Set<string>();
  for (const node of nodes) {
    const value = labelOf(node, key);
    if (value !== undefined) domains.add(value);
  }
  return domains;
}
