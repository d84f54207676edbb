import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import { fitsNode, type NodeRequirement } from '../../kubernetes/node-affinity.ts';
import { mayGetOtherNodes, nodePoolKind } from '../../kubernetes/node-autoscaling.ts';
import { poolMayFit } from '../../kubernetes/node-pool.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import type { Workload } from '../../kubernetes/workload.ts';
import type { Finding } from '../check.ts';

/** A demand that no Node meets, and none that an autoscaler could bring: most often a label with a slip in it. */
export function* noNodeFits(
  workload: Workload,
  demands: readonly (readonly NodeRequirement[])[],
  view: ClusterView,
): Iterable<Finding> {
  const { spec, pointer } = workload.template;
  if (view.knows('core/Node') !== 'all' || demands.some((demand) => demand.length === 0)) return;
  const nodes = [...view.list('core/Node')];
  if (nodes.length === 0 || nodes.some((node) => fitsNode(demands, node)) || mayCome(nodes, demands, view)) return;
  yield {
    identity: 'no-node',
    path: pointerTo(pointer, 'spec', spec['nodeSelector'] === undefined ? 'affinity' : 'nodeSelector'),
    message: `no node fits ${describeDemand(demands[0] ?? [])}${demands.length > 1 ? ' or its alternatives' : ''}`,
    why: "its pods stay Pending (node(s) didn't match Pod's node affinity/selector)",
    fix: adviseLabel(demands[0] ?? [], nodes),
    severity: 'high',
    atMost: workload.controller === undefined ? 'Warn' : 'Audit',
    pending: true,
  };
}

/** What autoscalers other than Karpenter would bring stands nowhere. */
function mayCome(
  nodes: readonly KubernetesObject[],
  demands: readonly (readonly NodeRequirement[])[],
  view: ClusterView,
): boolean {
  const pools = [...view.list(nodePoolKind)];
  return pools.length > 0 ? pools.some((pool) => poolMayFit(demands, pool)) : mayGetOtherNodes(nodes, view);
}

/** Labels that say what a node is and where it stands: nobody mends those by hand. */
const givenLabel = /kubernetes\.io\/|^topology\./;

/** The label to give to nodes, where it is one of those that people give. */
function adviseLabel(demand: readonly NodeRequirement[], nodes: readonly KubernetesObject[]): string {
  const lacking = demand.find((one) => !nodes.some((node) => fitsNode([[one]], node)));
  const isOwn = lacking?.of === 'label' && !givenLabel.test(lacking.key);
  if (lacking === undefined || !isOwn || !['In', 'Exists'].includes(lacking.operator))
    return 'Correct what is demanded of the nodes, or add nodes that meet it';
  const label = `${lacking.key}=${lacking.values[0] ?? '<value>'}`;
  return `Correct the label, or give it to the nodes that are meant:\nkubectl label node <node> ${label}`;
}

function describeDemand(demand: readonly NodeRequirement[]): string {
  const parts = demand.map(({ key, operator, values }) =>
    operator === 'In' && values.length === 1 ? `${key}=${values[0]}` : `${key} ${operator} ${values.join()}`.trimEnd(),
  );
  return parts.join(', ').slice(0, 80);
}
