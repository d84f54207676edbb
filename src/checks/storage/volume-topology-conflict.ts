import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { conditionOf, isTrue } from '../../kubernetes/conditions.ts';
import { areApart, demandedZones } from '../../kubernetes/demanded-zones.ts';
import { eligibleNodes } from '../../kubernetes/eligible-nodes.ts';
import { text } from '../../kubernetes/fields.ts';
import { fitsNode, nodeDemands } from '../../kubernetes/node-affinity.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { nodeOfVolume, volumeDemands, volumeKind, zonesOfVolume } from '../../kubernetes/persistent-volume.ts';
import { claimKind, claimVolumes } from '../../kubernetes/volume-claim.ts';
import { type Workload, workloadKinds } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { type BoundClaim, boundClaims, unseenOfClaims } from './bound-claims.ts';
import { type Places, placesApart } from './volume-places.ts';
import { fixOfZoneDemand } from './zone-demand.ts';

export const volumeTopologyConflict = defineCheck<object>({
  id: 'storage/volume-topology-conflict',
  title: 'Pods may run where their volumes are',
  why: 'a volume stays in its zone for ever, so no node will ever suit the pod, and it stays Pending',
  prevents: [
    "FailedScheduling: node(s) didn't match PersistentVolume's node affinity (volume node affinity conflict before 1.33)",
    'a database that does not come back after its node selector was changed',
  ],
  remedy:
    'Let the pod run in the zone of its volume, or copy the data (by a snapshot) to a new volume where the pod shall run. ' +
    'Two volumes of one pod must be in the same zone; a class with WaitForFirstConsumer makes them so.',
  severity: 'critical',
  kinds: workloadKinds.filter((kind) => kind !== 'apps/DaemonSet'),
  // Only what exists is judged; `unknown` speaks up for the rest.
  reads: { [claimKind]: 'none', [volumeKind]: 'none', 'core/Node': 'none' },
  params: { schema: { type: 'object', properties: {}, required: [], additionalProperties: false }, defaults: {} },
  *evaluate(subject, _params, view) {
    const { object, workload } = subject;
    if (workload === undefined || isPlaced(workload) || !mayHaveClaims(subject, workload)) return;
    if (isOver(object, workload)) return;
    const told = new Set<string>();
    for (const claims of boundClaims(object, workload, view)) {
      for (const finding of judgePod(claims, workload, subject, view)) {
        if (!told.has(finding.identity)) yield finding;
        told.add(finding.identity);
      }
    }
  },
  unknown({ workload }, _params, view) {
    return workload === undefined || isPlaced(workload) ? undefined : unseenOfClaims(workload, view);
  },
});

/** A Pod that has its node is beyond advice. */
function isPlaced({ groupKind, template }: Workload): boolean {
  return groupKind === 'core/Pod' && Boolean(text(template.spec['nodeName']));
}

/** Old ReplicaSets and finished Jobs start no pods any more. */
function isOver(object: KubernetesObject, { groupKind, replicas }: Workload): boolean {
  if (groupKind === 'apps/ReplicaSet' || groupKind === 'core/ReplicationController') return replicas === 0;
  if (groupKind !== 'batch/Job') return false;
  return isTrue(conditionOf(object, 'Complete')) || isTrue(conditionOf(object, 'Failed'));
}

function mayHaveClaims({ groupKind }: CheckSubject, { template }: Workload): boolean {
  return groupKind === 'apps/StatefulSet' || claimVolumes(template).length > 0;
}

function* judgePod(
  claims: readonly BoundClaim[],
  workload: Workload,
  subject: CheckSubject,
  view: ClusterView,
): Iterable<Finding> {
  if (claims.length === 0) return;
  const wanted = demandedZones(nodeDemands(workload.template.spec), view);
  let contradicts = false;
  for (const [index, claim] of claims.entries()) {
    const zones = wanted && zonesOfVolume(claim.volume, view);
    if (wanted !== undefined && zones !== undefined && areApart(wanted, zones)) {
      contradicts = true;
      yield describeZone(claim, zones, wanted, workload);
    }
    for (const other of claims.slice(index + 1)) {
      const places = placesApart(claim.volume, other.volume, view);
      if (places === undefined) continue;
      contradicts = true;
      yield describePair(claim, other, places);
      break;
    }
  }
  if (!contradicts) yield* judgeNodes(claims, workload, subject, view);
}

function describeZone(
  { name, pointer }: BoundClaim,
  zones: ReadonlySet<string>,
  wanted: ReadonlySet<string>,
  { template }: Workload,
): Finding {
  const isOwn = pointer.startsWith('/spec/volumeClaimTemplates/');
  const place = wanted.size === 0 ? 'different zones at once' : show(wanted);
  return {
    identity: `claim/${name}`,
    path: pointer,
    message: `claim "${name}" has its volume in ${show(zones)}, but its pods may only run in ${place}`,
    fix: fixOfZoneDemand(template.spec, isOwn ? undefined : [...zones][0]),
    restsOn: [{ groupKind: claimKind, name }],
  };
}

function describePair(one: BoundClaim, other: BoundClaim, places: Places): Finding {
  const preposition = nodeOfVolume(one.volume) === undefined ? 'in' : 'on';
  return {
    identity: `claims/${[one.name, other.name].toSorted().join('+')}`,
    path: other.pointer,
    message: `claims "${one.name}" and "${other.name}" have volumes ${preposition} ${show(places.one)} and ${show(places.other)}`,
    why: 'no node is in both places, so the pod stays Pending for ever',
    fix: 'Copy the data of one of them to a volume where the other one is, and name the new claim',
    restsOn: [one, other].map(({ name }) => ({ groupKind: claimKind, name })),
  };
}

/** Nothing rules the pod out, but no node of now fits: an autoscaler may make one, or know of none to make. */
function* judgeNodes(
  claims: readonly BoundClaim[],
  { template }: Workload,
  { source }: CheckSubject,
  view: ClusterView,
): Iterable<Finding> {
  if (view.knows('core/Node') !== 'all') return;
  const nodes = eligibleNodes(template.spec, view);
  for (const { name, pointer, volume } of claims) {
    const local = nodeOfVolume(volume);
    const demands = nodeDemands(volumeDemands(volume));
    if (local !== undefined && ![...view.list('core/Node')].some((node) => fitsNode(demands, node))) {
      yield {
        identity: `claim/${name}/node`,
        path: pointer,
        message: `the volume of claim "${name}" is a disk of node ${local}, which does not exist`,
        why: 'the pod stays Pending until that node is back, and if it is lost the data is too',
        fix: `Bring the node back, or delete claim ${name} and restore its data into a new one`,
        atMost: 'Warn',
        severity: 'high',
      };
    } else if (nodes.length > 0 && !nodes.some((node) => fitsNode(demands, node))) {
      yield {
        identity: `claim/${name}/no-node`,
        path: pointer,
        message: `no node fits both the pods and the volume of claim "${name}"`,
        why: 'the pod stays Pending unless an autoscaler knows how to make such a node',
        fix: 'Widen the node selector or affinity of the pods, or add a node where the volume is',
        atMost: source === 'admission' ? 'Audit' : 'Warn',
        severity: 'high',
      };
    }
  }
}

function show(zones: ReadonlySet<string>): string {
  const [first, ...others] = [...zones].toSorted();
  return others.length > 1 ? `${first} and ${others.length} more zones` : [first, ...others].join(' and ');
}
