import { describeBytes, describeCores } from '../../../kubernetes/amount.ts';
import type { ClusterView } from '../../../kubernetes/cluster-view.ts';
import { eachEligibleNode } from '../../../kubernetes/eligible-nodes.ts';
import { mayGetOtherNodes } from '../../../kubernetes/node-autoscaling.ts';
import type { KubernetesObject } from '../../../kubernetes/object.ts';
import { allocatable, type Amounts, podRequest } from '../../../kubernetes/pod-request.ts';
import type { Workload } from '../../../kubernetes/workload.ts';
import type { Finding } from '../../check.ts';

/**
 * A pod that is larger than every Node that it may be put on. Where no Node suits it at all, that is another matter.
 * @param slip nano cores that are told of as a slip already
 */
export function neverFits(workload: Workload, view: ClusterView, slip: bigint): Finding | undefined {
  if (view.knows('core/Node') !== 'all') return undefined;
  const needed = podRequest(workload, view);
  if (needed.cpu >= slip || (needed.cpu === 0n && needed.memory === 0n)) return undefined;
  const seen: KubernetesObject[] = [];
  let largest: Amounts = { cpu: 0n, memory: 0n };
  for (const node of eachEligibleNode(workload.template.spec, view)) {
    seen.push(node);
    const offers = { cpu: allocatable(node, 'cpu'), memory: allocatable(node, 'memory') };
    if (offers.cpu >= needed.cpu && offers.memory >= needed.memory) return undefined;
    largest = {
      cpu: offers.cpu > largest.cpu ? offers.cpu : largest.cpu,
      memory: offers.memory > largest.memory ? offers.memory : largest.memory,
    };
  }
  if (largest.cpu === 0n || largest.memory === 0n) return undefined;
  return describe(workload, needed, largest, mayGetOtherNodes(seen, view));
}

function describe({ template }: Workload, needed: Amounts, largest: Amounts, mayGrow: boolean): Finding {
  const over = needed.memory > largest.memory ? 'memory' : needed.cpu > largest.cpu ? 'cpu' : undefined;
  const cpu = describeCores(needed.cpu);
  const memory = describeBytes(needed.memory);
  const where = 'that it may run on';
  const what =
    over === undefined
      ? `${cpu} cores with ${memory} of memory, which no node ${where} has together`
      : over === 'cpu'
        ? `${cpu} cores, more than the ${describeCores(largest.cpu)} of the largest node ${where}`
        : `${memory} of memory, more than the ${describeBytes(largest.memory)} of the largest node ${where}`;
  return {
    identity: 'pod/never-fits',
    path: `${template.pointer}/spec/containers`,
    message: `a pod requests ${what}`,
    why: 'its pods stay Pending until there is a larger node',
    fix: 'Request less, or add nodes of a larger type',
    ...(mayGrow ? { atMost: 'Audit', severity: 'info' } : { atMost: 'Warn', severity: 'medium' }),
  };
}
