import { type Fields, text } from './fields.ts';
import { type NodeRequirement, nodeDemands } from './node-affinity.ts';
import { concernsItself, podAffinityTerms } from './pod-affinity.ts';
import type { Workload } from './workload.ts';

const hostname = 'kubernetes.io/hostname';

/** Whether all pods of the workload can only run on one and the same node: by its name, or beside one another. */
export function runsOnOneNode({ template, namespace }: Workload): boolean {
  if (text(template.spec['nodeName']) || nodeNameIn(template.spec) !== undefined) return true;
  return podAffinityTerms(template, 'podAffinity').some(
    (one) => one.required && one.topologyKey === hostname && concernsItself(one, template, namespace) === 'yes',
  );
}

/** The only node that selector and required affinity of a pod's spec admit; undefined where there may be several. */
export function nodeNameIn(spec: Fields): string | undefined {
  const names = new Set<string | undefined>();
  for (const demand of nodeDemands(spec)) names.add(onlyNode(demand));
  return names.size === 1 ? [...names][0] : undefined;
}

function onlyNode(demand: readonly NodeRequirement[]): string | undefined {
  return demand.find(
    ({ key, operator, values, of }) => operator === 'In' && values.length === 1 && (of === 'name' || key === hostname),
  )?.values[0];
}
