import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { domainsOf, eligibleNodes } from '../../kubernetes/eligible-nodes.ts';
import { fitsNode, nodeDemands } from '../../kubernetes/node-affinity.ts';
import { type KubernetesObject, labelOf } from '../../kubernetes/object.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import { rollingUpdateOf } from '../../kubernetes/rolling-update.ts';
import type { SpreadConstraint } from '../../kubernetes/topology-spread.ts';
import type { Workload } from '../../kubernetes/workload.ts';
import type { Finding } from '../check.ts';

/**
 * What keeps pods Pending under a DoNotSchedule constraint, on the Nodes that there are.
 * @param replicas how many there may be at most; undefined for what is not scaled by a number
 */
export function* strictSpread(
  one: SpreadConstraint,
  object: KubernetesObject,
  workload: Workload,
  replicas: number | undefined,
  view: ClusterView,
): Iterable<Finding> {
  if (view.knows('core/Node') !== 'all') return;
  const nodes = eligibleNodes(workload.template.spec, view);
  const lacking = nodes.filter((node) => labelOf(node, one.topologyKey) === undefined);
  if (lacking.length > 0) yield describeLabel(one, lacking.length, nodes.length);
  const domains = domainsOf(nodes, one.topologyKey);
  if (domains.size === 0 || replicas === undefined) return;
  const room = one.maxSkew * domains.size;
  if (one.minDomains > domains.size && replicas > room) yield describeDomains(one, domains.size, replicas - room);
  const empty = emptyDomain(one, domains, workload, view);
  if (empty === undefined) return;
  if (replicas > room || (replicas === room && addsOne(one, object, workload, replicas)))
    yield describeEmpty(one, empty);
}

/** Whether a rollout adds a pod, which counts with the old ones, before it takes one away. */
function addsOne(
  { matchLabelKeys }: SpreadConstraint,
  object: KubernetesObject,
  { groupKind }: Workload,
  replicas: number,
): boolean {
  if (groupKind !== 'apps/Deployment' || matchLabelKeys.includes('pod-template-hash')) return false;
  return (rollingUpdateOf(object, replicas)?.surge ?? 0) > 0;
}

/** The API server holds the pairs of key and policy unique. */
export function constraintIdentity({ topologyKey, isStrict }: SpreadConstraint): string {
  return `spread/${topologyKey}/${isStrict ? 'DoNotSchedule' : 'ScheduleAnyway'}`;
}

function describeLabel(one: SpreadConstraint, lacking: number, all: number): Finding {
  const { topologyKey, pointer } = one;
  const who = lacking === all ? `none of the ${all}` : `${lacking} of the ${all}`;
  const lacks = lacking === 1 ? 'lacks' : 'lack';
  return {
    identity: `${constraintIdentity(one)}/label`,
    path: pointerTo(pointer, 'topologyKey'),
    message: `${who} nodes that its pods may use ${lacking === all ? 'has' : lacks} the label ${topologyKey}`,
    why: 'a pod with DoNotSchedule is never put on a node without the label (missing required label)',
    fix: 'Name a label that every node has, or prefer an even spread without demanding it:\nwhenUnsatisfiable: ScheduleAnyway',
    atMost: 'Warn',
  };
}

function describeDomains(one: SpreadConstraint, domains: number, pending: number): Finding {
  return {
    identity: `${constraintIdentity(one)}/min-domains`,
    path: pointerTo(one.pointer, 'minDomains'),
    message: `minDomains: ${one.minDomains} with nodes in ${domains} domains of ${one.topologyKey} leaves ${pending} pods Pending`,
    why: 'below minDomains the emptiest domain counts as empty, so no other may have more than maxSkew',
    fix: `Ask for no more domains than there are:\nminDomains: ${domains}`,
    atMost: 'Warn',
  };
}

function describeEmpty(one: SpreadConstraint, domain: string): Finding {
  return {
    identity: `${constraintIdentity(one)}/taints`,
    path: pointerTo(one.pointer, 'nodeTaintsPolicy'),
    message: `the spread over ${one.topologyKey} counts ${domain}, where taints keep its pods out`,
    why: `that domain stays empty, so no other may have more than ${one.maxSkew} of its pods, and the next one stays Pending`,
    fix: 'Leave out nodes whose taints the pods do not tolerate:\nnodeTaintsPolicy: Honor',
    atMost: 'Warn',
  };
}

/** A domain that is counted, all of whose nodes are closed to the pods by a taint. */
function emptyDomain(
  one: SpreadConstraint,
  usable: ReadonlySet<string>,
  { template }: Workload,
  view: ClusterView,
): string | undefined {
  if (one.honorsTaints) return undefined;
  const demands = nodeDemands(template.spec);
  const counted: KubernetesObject[] = [];
  for (const node of view.list('core/Node')) if (!one.honorsAffinity || fitsNode(demands, node)) counted.push(node);
  for (const domain of domainsOf(counted, one.topologyKey)) if (!usable.has(domain)) return domain;
  return undefined;
}
