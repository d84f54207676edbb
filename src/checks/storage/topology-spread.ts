import { replicaBounds } from '../../kubernetes/autoscaling.ts';
import type { ClusterView, ServerVersion } from '../../kubernetes/cluster-view.ts';
import { domainsOf, eligibleNodes } from '../../kubernetes/eligible-nodes.ts';
import { at, type Fields, isFields, list, own } from '../../kubernetes/fields.ts';
import { flowYaml } from '../../kubernetes/flow-yaml.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import { matchesSelector } from '../../kubernetes/label-selector.ts';
import { enumerate } from '../../kubernetes/named-objects.ts';
import { nodeDemands } from '../../kubernetes/node-affinity.ts';
import { concernsItself, podAffinityTerms } from '../../kubernetes/pod-affinity.ts';
import { runsOnOneNode } from '../../kubernetes/single-node.ts';
import { countsItself, type SpreadConstraint, spreadConstraints } from '../../kubernetes/topology-spread.ts';
import { replicatedKinds, type Workload } from '../../kubernetes/workload.ts';
import { defineCheck, type Finding } from '../check.ts';

interface Params {
  /** From how many replicas on they must be spread. */
  minReplicas: number;
  /** Node labels that tell zones apart, the one to recommend first. */
  zoneKeys: string[];
  /** Node labels that tell nodes apart, likewise. */
  nodeKeys: string[];
}

type Level = 'zone' | 'node';

/** Which levels the pods lack, and what it is measured by. */
interface Gap {
  readonly missing: readonly Level[];
  /** `3 replicas` */
  readonly pods: string;
  /** Zones in which they may run; undefined where nobody knows. */
  readonly zones: number | undefined;
}

export const topologySpread = defineCheck<Params>({
  id: 'storage/topology-spread',
  title: 'Replicas are spread over zones and nodes',
  why: 'the scheduler may put them all in one place (its own default is best effort), and they are lost together',
  prevents: [
    'an outage of the whole service when one zone or one node fails, although several replicas were running',
    'volumes of a StatefulSet that were all made in the same zone',
  ],
  remedy:
    'Add topologySpreadConstraints for the zone and for the node, whose labelSelector is that of the workload. ScheduleAnyway ' +
    'spreads as well as the cluster allows and never keeps a pod Pending; DoNotSchedule with minDomains is for three and more ' +
    'replicas on pools that scale in every zone. Anti-affinity on the same keys does as well. Any constraint turns off the ' +
    "scheduler's default ones, so give both.",
  severity: 'high',
  kinds: replicatedKinds,
  // Without the Nodes it can still see that nothing at all spreads the pods.
  reads: { 'core/Node': 'none', 'autoscaling/HorizontalPodAutoscaler': 'some', 'keda.sh/ScaledObject': 'some' },
  params: {
    schema: {
      type: 'object',
      properties: {
        minReplicas: { type: 'integer', minimum: 1 },
        zoneKeys: { type: 'array', items: { type: 'string' }, minItems: 1 },
        nodeKeys: { type: 'array', items: { type: 'string' }, minItems: 1 },
      },
      required: [],
      additionalProperties: false,
    },
    defaults: {
      minReplicas: 2,
      zoneKeys: ['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone'],
      nodeKeys: ['kubernetes.io/hostname'],
    },
  },
  *evaluate({ workload }, params, view) {
    const gap = workload && findGap(workload, params, view);
    if (workload !== undefined && gap !== undefined) yield describe(workload, gap, params, view);
  },
  /** Pods that are spread over nodes alone need more only in a cluster of several zones. */
  unknown({ workload }, params, view) {
    if (workload === undefined || view.knows('core/Node') === 'all') return undefined;
    const { worst } = replicaBounds(workload, view);
    const spread = levelsOf(workload, worst, params);
    const unseen = spread.node && !spread.zone && !isPinnedToZone(workload.template.spec, params);
    return worst >= params.minReplicas && unseen ? 'core/Node' : undefined;
  },
  /** Only where the author said nothing about placement: a constraint beside others may leave no node to go to. */
  patch({ workload }, params, view) {
    if (workload === undefined || findGap(workload, params, view) === undefined) return [];
    const { template, selector } = workload;
    const written = template.spec['topologySpreadConstraints'] ?? null;
    const isFree = list(written).length === 0 && podAffinityTerms(template, 'podAntiAffinity').length === 0;
    if (!isFree || matchesSelector(selector, template.labels) !== 'yes') return [];
    const path = pointerTo(template.pointer, 'spec', 'topologySpreadConstraints');
    return [
      { op: 'test', path, value: written },
      { op: 'add', path, value: constraintsFor(workload, ['zone', 'node'], params, view.version) },
    ];
  },
});

function findGap(workload: Workload, params: Params, view: ClusterView): Gap | undefined {
  const { declared, worst, autoscaler } = replicaBounds(workload, view);
  if (worst < params.minReplicas) return undefined;
  const spread = levelsOf(workload, worst, params);
  if ((spread.zone && spread.node) || runsOnOneNode(workload)) return undefined;
  const nodes = view.knows('core/Node') === 'all' ? eligibleNodes(workload.template.spec, view) : [];
  const zones = zonesFor(workload, nodes, params);
  const lacksZone = !spread.zone && (zones === undefined ? !spread.node : zones > 1);
  // Pods that are each in a zone of their own are on nodes of their own.
  const enoughZones = spread.zone && (zones === undefined || worst <= zones);
  const lacksNode = !spread.node && !enoughZones && nodes.length !== 1;
  const missing: readonly Level[] = [...(lacksZone ? ['zone' as const] : []), ...(lacksNode ? ['node' as const] : [])];
  if (missing.length === 0) return undefined;
  return { missing, zones, pods: autoscaler === undefined ? `${declared} replicas` : `replicas (at least ${worst})` };
}

/**
 * The levels at which a constraint or an anti-affinity, strict or not, keeps the workload's own pods apart. DoNotSchedule with a
 * maxSkew for all of them forbids nothing; ScheduleAnyway ranks the nodes, whatever its maxSkew.
 */
function levelsOf(
  { template, namespace }: Workload,
  replicas: number,
  params: Params,
): Readonly<Record<Level, boolean>> {
  const keys = new Set<string>();
  for (const one of spreadConstraints(template)) {
    if ((one.isStrict && one.maxSkew >= replicas) || countsItself(one, template) === 'no') continue;
    keys.add(one.topologyKey);
  }
  for (const one of podAffinityTerms(template, 'podAntiAffinity'))
    if (concernsItself(one, template, namespace) !== 'no') keys.add(one.topologyKey);
  return { zone: params.zoneKeys.some((key) => keys.has(key)), node: params.nodeKeys.some((key) => keys.has(key)) };
}

function zonesFor({ template }: Workload, nodes: ReturnType<typeof eligibleNodes>, params: Params): number | undefined {
  if (isPinnedToZone(template.spec, params)) return 1;
  if (nodes.length === 0) return undefined;
  return Math.max(...params.zoneKeys.map((key) => domainsOf(nodes, key).size));
}

/** One of several sets, each of which is written for one zone, has nothing left to spread there. */
function isPinnedToZone(spec: Fields, { zoneKeys }: Params): boolean {
  const demands = nodeDemands(spec);
  const zones = new Set<string | undefined>();
  for (const demand of demands) {
    const one = demand.find(({ key, operator, of }) => of === 'label' && operator === 'In' && zoneKeys.includes(key));
    if (one === undefined) return false;
    for (const zone of one.values) zones.add(zone);
  }
  return zones.size === 1;
}

function describe(workload: Workload, gap: Gap, params: Params, view: ClusterView): Finding {
  const { missing, pods, zones } = gap;
  return {
    identity: missing.join('+'),
    covers: missing,
    path: pointerTo(workload.template.pointer, 'spec', 'topologySpreadConstraints'),
    message: messageOf(missing, pods, zones),
    fix: fixFor(workload, missing, params, view.version),
    // What an operator makes is not the author's to change.
    ...(workload.controller !== undefined && { atMost: 'Audit' }),
  };
}

function fixFor(
  workload: Workload,
  missing: readonly Level[],
  params: Params,
  version: ServerVersion | undefined,
): string {
  const itemsFor = (levels: readonly Level[]): string =>
    constraintsFor(workload, levels, params, version)
      .map((one) => `\n  - ${flowYaml(one)}`)
      .join('');
  const written = spreadConstraints(workload.template);
  if (written.length === 0)
    return `Add to the spec of the pod template:\ntopologySpreadConstraints:${itemsFor(['zone', 'node'])}`;
  // One on a missing level is there in vain: it counts other pods, or its skew admits all of them. A second one would hide that.
  const isOn = ({ topologyKey }: SpreadConstraint, level: Level): boolean =>
    keysOf(level, params).includes(topologyKey);
  const vain = written.filter((one) => missing.some((level) => isOn(one, level)));
  if (vain.some((one) => countsItself(one, workload.template) === 'no'))
    return `Let the constraints that are there count its own pods:\nlabelSelector: ${flowYaml(workload.selector)}`;
  const others = missing.filter((level) => !vain.some((one) => isOn(one, level)));
  if (vain.length === 0) return `Append to topologySpreadConstraints:${itemsFor(others)}`;
  const narrow = `Set maxSkew: 1 in the constraint on ${enumerate(vain.map(({ topologyKey }) => topologyKey))}`;
  return others.length === 0 ? `${narrow}:\nmaxSkew: 1` : `${narrow}, and append:${itemsFor(others)}`;
}

function keysOf(level: Level, { zoneKeys, nodeKeys }: Params): readonly string[] {
  return level === 'zone' ? zoneKeys : nodeKeys;
}

function messageOf(missing: readonly Level[], pods: string, zones: number | undefined): string {
  if (missing.length === 2) return `nothing spreads its ${pods} over zones and nodes`;
  if (missing[0] === 'node') return `nothing keeps its ${pods} off the same node`;
  return `nothing spreads its ${pods} over the ${zones ?? 'several'} zones where they may run`;
}

/**
 * `matchLabelKeys` counts each revision by itself, so that a rollout ends as even as it began. Never for a StatefulSet: its
 * pods must return to the zones of their volumes, which the count of their revision may forbid. Source: KEP-3243, KEP-3094.
 */
function constraintsFor(
  { groupKind, selector }: Workload,
  levels: readonly Level[],
  params: Params,
  version: ServerVersion | undefined,
): readonly Fields[] {
  const hash = 'pod-template-hash';
  const byRevision = groupKind === 'apps/Deployment' && isAtLeast(version, 27) && !asksFor(selector, hash);
  return levels.map((level) => ({
    maxSkew: 1,
    topologyKey: keysOf(level, params)[0],
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: isFields(selector) ? selector : {},
    ...(isAtLeast(version, 26) && { nodeTaintsPolicy: 'Honor' }),
    ...(byRevision && { matchLabelKeys: [hash] }),
  }));
}

/** A server that is not known is taken for a current one. */
function isAtLeast(version: ServerVersion | undefined, minor: number): boolean {
  return version === undefined || version.major > 1 || version.minor >= minor;
}

function asksFor(selector: unknown, key: string): boolean {
  return (
    own(at(selector, 'matchLabels'), key) !== undefined ||
    list(at(selector, 'matchExpressions')).some((one) => at(one, 'key') === key)
  );
}
