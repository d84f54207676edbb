import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import type { Reach } from '../../kubernetes/csi-drivers.ts';
import { domainsOf } from '../../kubernetes/eligible-nodes.ts';
import { list, own, text } from '../../kubernetes/fields.ts';
import { flowYaml } from '../../kubernetes/flow-yaml.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import { nodeDemands, type NodeRequirement } from '../../kubernetes/node-affinity.ts';
import { nodePoolKind } from '../../kubernetes/node-autoscaling.ts';
import { type GroupKind, type KubernetesObject, labelOf } from '../../kubernetes/object.ts';
import { volumeKind } from '../../kubernetes/persistent-volume.ts';
import { isNone } from '../../kubernetes/some.ts';
import { storageClassKind } from '../../kubernetes/storage-class.ts';
import { claimKind } from '../../kubernetes/volume-claim.ts';
import { volumeReaches } from '../../kubernetes/volume-reach.ts';
import { replicatedKinds, type Workload, workloadKinds } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { noNodeFits } from './no-node-fits.ts';
import { isOneOfZoneSets } from './zone-sets.ts';

const hostname = 'kubernetes.io/hostname';
const nodeKind: GroupKind = 'core/Node';

export const nodePinning = defineCheck<object>({
  id: 'compute/node-pinning',
  title: 'Pods are not tied to one node or zone',
  why: 'when that place is full, drained or lost, its pods have nowhere else to go',
  prevents: [
    "FailedScheduling: node(s) didn't match Pod's node affinity/selector",
    'OutOfcpu, OutOfmemory (a pod that nodeName puts past the scheduler)',
    'a node upgrade or a lost zone that takes the whole service along',
  ],
  remedy:
    'Select what the pods need (an architecture, a GPU, a pool of nodes), never one node by name. Spread over the zones instead ' +
    'of choosing one. A disk of one zone or node ties its pods by itself.',
  severity: 'medium',
  kinds: workloadKinds,
  reads: Object.fromEntries(
    [nodeKind, nodePoolKind, claimKind, volumeKind, storageClassKind, 'storage.k8s.io/CSINode', ...replicatedKinds].map(
      (kind) => [kind, 'none'],
    ),
  ),
  params: { schema: { type: 'object', properties: {}, required: [], additionalProperties: false }, defaults: {} },
  *evaluate(subject, _params, view) {
    const { workload, source } = subject;
    if (workload === undefined || !isJudged(subject, workload)) return;
    const { spec } = workload.template;
    // Of a Pod in the cluster the scheduler has written it.
    if (text(spec['nodeName']) && source !== 'live') yield describeName(workload);
    if (spec['nodeSelector'] === undefined && spec['affinity'] === undefined) return;
    const demands = nodeDemands(spec);
    yield* judgeHost(subject, workload, demands, view);
    yield* judgeZone(subject, workload, demands, view);
    yield* noNodeFits(workload, demands, view);
  },
  unknown(subject, _params, view) {
    const { workload, object } = subject;
    if (workload === undefined || !isJudged(subject, workload)) return undefined;
    const demands = nodeDemands(workload.template.spec);
    if (!demands.some((demand) => demand.length > 0)) return undefined;
    const zone = pinnedZone(demands)?.value;
    const isPinned = zone !== undefined || pinnedHosts(demands) !== undefined;
    if (isPinned && volumeReaches(workload, object, view).has('unknown')) return claimKind;
    if (zone !== undefined && isOneOfZoneSets(workload, zone, view) === 'unknown') return workload.groupKind;
    return view.knows(nodeKind) === 'all' && !isNone(view.list(nodeKind)) ? undefined : nodeKind;
  },
});

/** The controller of a DaemonSet ties each of its pods to a node, and `kubectl debug` looks at one. */
function isJudged({ object }: CheckSubject, { groupKind, name }: Workload): boolean {
  if (groupKind === 'apps/DaemonSet') return false;
  if (groupKind !== 'core/Pod') return true;
  return !name.startsWith('node-debugger-') && labelOf(object, 'app.kubernetes.io/managed-by') !== 'kubectl-debug';
}

function describeName({ template, controller }: Workload): Finding {
  return {
    identity: 'nodeName',
    path: pointerTo(template.pointer, 'spec', 'nodeName'),
    message: `nodeName puts it on node ${String(template.spec['nodeName'])}, past the scheduler`,
    why: 'its pods fail where that node is full (OutOfcpu), and are lost with it',
    fix: 'Remove nodeName; what must run on special nodes selects a label that they have in common',
    ...(controller !== undefined && { atMost: 'Audit' }),
  };
}

function* judgeHost(
  { object }: CheckSubject,
  workload: Workload,
  demands: readonly (readonly NodeRequirement[])[],
  view: ClusterView,
): Iterable<Finding> {
  const hosts = pinnedHosts(demands);
  if (hosts === undefined || isOnly(hostname, view) || mayTie(['node'], workload, object, view)) return;
  yield {
    identity: 'hostname',
    path: pathOf(workload, hostname),
    message: `can only run on ${hosts.length === 1 ? `node ${hosts[0]}` : `the nodes ${hosts.join(', ').slice(0, 60)}`}`,
    fix: `Remove the node's name from ${placeOf(workload, hostname)}; if it needs special nodes, select their label:\nnodeSelector: {<label>: <value>}`,
    ...(workload.controller !== undefined && { atMost: 'Audit' }),
  };
}

function* judgeZone(
  { object }: CheckSubject,
  workload: Workload,
  demands: readonly (readonly NodeRequirement[])[],
  view: ClusterView,
): Iterable<Finding> {
  const zone = pinnedZone(demands);
  if (zone === undefined || isOnly(zone.key, view) || mayTie(['zone', 'node'], workload, object, view)) return;
  if (isOneOfZoneSets(workload, zone.value, view) !== 'no') return;
  yield {
    identity: 'zone',
    path: pathOf(workload, zone.key),
    message: `can only run in zone ${zone.value}, and no volume ties it there`,
    fix: `Remove ${zone.key} from ${placeOf(workload, zone.key)}, and ${spread(workload)}`,
    ...(workload.controller !== undefined && { atMost: 'Audit' }),
  };
}

function spread({ selector, template }: Workload): string {
  const isFirst = list(template.spec['topologySpreadConstraints']).length === 0;
  return [
    isFirst ? 'spread over all zones:\ntopologySpreadConstraints:' : 'append to topologySpreadConstraints:',
    '  - maxSkew: 1',
    '    topologyKey: topology.kubernetes.io/zone',
    '    whenUnsatisfiable: ScheduleAnyway',
    `    labelSelector: ${flowYaml(selector ?? { matchLabels: template.labels })}`,
  ].join('\n');
}

/** The nodes that it names; undefined where some alternative names none. */
function pinnedHosts(demands: readonly (readonly NodeRequirement[])[]): readonly string[] | undefined {
  const hosts = new Set<string>();
  for (const demand of demands) {
    const named = demand.find(({ key, operator, of }) => operator === 'In' && (of === 'name' || key === hostname));
    if (named === undefined) return undefined;
    for (const value of named.values) hosts.add(value);
  }
  return hosts.size === 0 ? undefined : [...hosts];
}

/** The only zone that all alternatives agree on. */
function pinnedZone(
  demands: readonly (readonly NodeRequirement[])[],
): { readonly key: string; readonly value: string } | undefined {
  let zone: { readonly key: string; readonly value: string } | undefined;
  for (const demand of demands) {
    const named = demand.find(
      ({ key, operator, values }) => zoneKey.test(key) && operator === 'In' && values.length === 1,
    );
    const value = named?.values[0];
    if (named === undefined || value === undefined || (zone !== undefined && zone.value !== value)) return undefined;
    zone = { key: named.key, value };
  }
  return zone;
}

/** The usual label, the one before it, and those of storage drivers. */
const zoneKey =
  /^(topology\.[\w.-]+|failure-domain\.beta\.kubernetes\.io)\/(k8s-)?zone$|^csi\.hetzner\.cloud\/location$/;

/** Whether a volume explains it, or one that cannot be looked at may do so. */
function mayTie(reaches: readonly Reach[], workload: Workload, object: KubernetesObject, view: ClusterView): boolean {
  const found = volumeReaches(workload, object, view);
  return found.has('unknown') || reaches.some((reach) => found.has(reach));
}

/** Whether the cluster has a single node or zone: then nothing is given away. */
function isOnly(key: string, view: ClusterView): boolean {
  return view.knows(nodeKind) === 'all' && domainsOf(view.list(nodeKind), key).size === 1;
}

function pathOf(workload: Workload, key: string): string {
  const spec = pointerTo(workload.template.pointer, 'spec');
  return placeOf(workload, key) === 'nodeSelector'
    ? pointerTo(spec, 'nodeSelector', key)
    : pointerTo(spec, 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution');
}

function placeOf({ template }: Workload, key: string): 'nodeSelector' | 'nodeAffinity' {
  return own(template.spec['nodeSelector'], key) === undefined ? 'nodeAffinity' : 'nodeSelector';
}
