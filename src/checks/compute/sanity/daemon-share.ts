import { describeCores } from '../../../kubernetes/amount.ts';
import type { ClusterView } from '../../../kubernetes/cluster-view.ts';
import { eachEligibleNode } from '../../../kubernetes/eligible-nodes.ts';
import { allocatable, podRequest } from '../../../kubernetes/pod-request.ts';
import type { Workload } from '../../../kubernetes/workload.ts';
import type { Finding } from '../../check.ts';

/** In per cent of a node; five such DaemonSets leave three quarters of it to what it is there for. */
const fairShare = 5n;

/** What a DaemonSet requests is gone on every node, and on the smallest it counts for most. */
export function daemonShare(workload: Workload, view: ClusterView): Finding | undefined {
  const { cpu } = podRequest(workload, view);
  if (cpu === 0n) return undefined;
  let smallest = 0n;
  for (const node of eachEligibleNode(workload.template.spec, view)) {
    const offered = allocatable(node, 'cpu');
    if (offered > 0n && (smallest === 0n || offered < smallest)) smallest = offered;
  }
  if (smallest === 0n || cpu * 100n <= smallest * fairShare) return undefined;
  return {
    identity: 'pod/daemon-share',
    path: `${workload.template.pointer}/spec/containers`,
    message: `a pod requests ${describeCores(cpu)} of the ${describeCores(smallest)} cores of the smallest node that it runs on, more than ${fairShare} %`,
    why: 'what a DaemonSet requests is missing on each node, whether it uses it or not',
    fix: 'Request what it normally uses, or keep it to the nodes that need it (nodeSelector)',
    atMost: 'Audit',
    severity: 'info',
  };
}
