import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { type Fields, own, text } from '../../kubernetes/fields.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import { nodeDemands } from '../../kubernetes/node-affinity.ts';
import { type KubernetesObject, labelOf } from '../../kubernetes/object.ts';
import { taintsOf, tolerationSeconds, tolerationsOf } from '../../kubernetes/toleration.ts';
import { customWorkloadKinds, type Workload, workloadKinds } from '../../kubernetes/workload.ts';
import { defineCheck, type Finding } from '../check.ts';

interface Params {
  /** Nodes kept for what the cluster itself needs, each as `label=value`. */
  systemPools: string[];
}

const failed = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'] as const;

/** Taints that keep applications off nodes of the system, with what stands there. */
const systemTaints: ReadonlyMap<string, string> = new Map([
  ['CriticalAddonsOnly', 'nodes of the system pool'],
  ['node-role.kubernetes.io/control-plane', 'control-plane nodes'],
  ['node-role.kubernetes.io/master', 'control-plane nodes'],
  ['components.gke.io/gke-managed-components', 'nodes of the system pool'],
]);

export const tolerations = defineCheck<Params>({
  id: 'compute/tolerations',
  title: 'Tolerations name what they tolerate',
  why: 'it is put on nodes that are kept for something else, and stays on nodes that have failed',
  prevents: [
    'pods that stay bound to a NotReady node for ever and are made nowhere else',
    'applications that starve the API server, etcd or DNS on their own nodes',
  ],
  remedy:
    'Name the key of each taint that the workload shall tolerate. Leave node.kubernetes.io/not-ready and unreachable to the API ' +
    'server, which tolerates them for 300 s, or give tolerationSeconds. DaemonSets, which belong on every node, may ' +
    'tolerate everything.',
  severity: 'medium',
  kinds: workloadKinds,
  reads: { 'core/Node': 'none' },
  params: {
    schema: {
      type: 'object',
      properties: { systemPools: { type: 'array', items: { type: 'string', pattern: '^[^=]+=[^=]*$' } } },
      required: [],
      additionalProperties: false,
    },
    defaults: { systemPools: ['kubernetes.azure.com/mode=system'] },
  },
  *evaluate(subject, { systemPools }, view) {
    const { workload, groupKind, source } = subject;
    // What keeps the cluster alive runs on its own nodes.
    if (workload === undefined || subject.inSystemNamespace) return;
    const { spec, pointer } = workload.template;
    if (Array.isArray(spec['tolerations']) && groupKind !== 'apps/DaemonSet') yield* judgeTolerations(workload);
    if (spec['nodeSelector'] !== undefined || spec['affinity'] !== undefined) yield* judgePools(workload, systemPools);
    if (source === 'live' && pointer === '') yield* judgePlace(workload, systemPools, view);
  },
});

function* judgeTolerations(workload: Workload): Iterable<Finding> {
  const given = tolerationsOf(workload.template.spec);
  const base = pointerTo(workload.template.pointer, 'spec', 'tolerations');
  const broad = given.findIndex(toleratesAll);
  if (broad === -1) yield* judgeFailover(workload, given, base);
  else yield describeBroad(given, broad, base);
  for (const [index, { key }] of given.entries()) {
    const nodes = systemTaints.get(text(key) ?? '');
    if (nodes !== undefined) yield describeSystemTaint(String(key), nodes, pointerTo(base, index));
  }
}

/** A toleration that only lets pods finish on a node that is being emptied asks for nothing of that node. */
function toleratesAll({ key, operator, effect, tolerationSeconds: seconds }: Fields): boolean {
  if ((key ?? '') !== '' || operator !== 'Exists' || effect === 'PreferNoSchedule') return false;
  return effect !== 'NoExecute' || typeof seconds !== 'number';
}

function describeBroad(given: readonly Fields[], index: number, base: string): Finding {
  const effect = text(given[index]?.['effect']) ?? '';
  const stays = failed.some((key) => tolerationSeconds(given, key) === Infinity);
  return {
    identity: 'everything',
    path: pointerTo(base, index),
    message: `tolerates every taint${effect === '' ? '' : ` with effect ${effect}`} (operator: Exists without a key)`,
    why: stays
      ? 'its pods stay bound to a node that has failed, and are put on nodes that are kept for something else'
      : 'its pods are put on cordoned and control-plane nodes, and on every node that is kept for something else',
    fix: `Name the taint that it shall tolerate, or leave it out:\n${example('{key: dedicated, operator: Equal, value: <value>, effect: NoSchedule}')}`,
  };
}

/** A Deployment's pods can be made elsewhere at once; those of a StatefulSet wait for their node's word in any case. */
function* judgeFailover({ groupKind }: Workload, given: readonly Fields[], base: string): Iterable<Finding> {
  const stateful = groupKind === 'apps/StatefulSet';
  if (!stateful && !replaced.has(groupKind)) return;
  for (const key of failed) {
    const index = given.findIndex((one) => tolerationSeconds([one], key) === Infinity);
    if (index === -1 || tolerationSeconds(given, key) !== Infinity) continue;
    yield {
      identity: key.slice(key.indexOf('/') + 1),
      path: pointerTo(base, index),
      message: `tolerates ${key} without tolerationSeconds`,
      why: 'its pods stay bound to a node that has failed, and are made nowhere else until someone deletes them',
      fix: `Leave it out (300 s is the default), or say for how long:\n${example(`{key: ${key}, operator: Exists, effect: NoExecute, tolerationSeconds: 60}`)}`,
      ...(stateful && { atMost: 'Audit', severity: 'info' }),
    };
  }
}

const replaced: ReadonlySet<string> = new Set([
  'apps/Deployment',
  ...customWorkloadKinds,
  'apps/ReplicaSet',
  'core/ReplicationController',
]);

function example(toleration: string): string {
  return `tolerations:\n  - ${toleration}`;
}

function describeSystemTaint(key: string, nodes: string, path: string): Finding {
  return {
    identity: `system-taint/${key}`,
    path,
    message: `tolerates ${key}, the taint of ${nodes}`,
    why: 'what it uses there is missing for what the whole cluster depends on',
    fix: 'Remove the toleration; the nodes for applications do not have that taint',
  };
}

function* judgePools({ template }: Workload, systemPools: readonly string[]): Iterable<Finding> {
  const demands = nodeDemands(template.spec);
  for (const pool of systemPools) {
    const [key, value] = splitLabel(pool);
    const asked = demands.some((demand) =>
      demand.some((one) => one.key === key && one.operator === 'In' && one.values.includes(value)),
    );
    if (!asked) continue;
    const bySelector = own(template.spec['nodeSelector'], key) !== undefined;
    yield {
      identity: `system-pool/${pool}`,
      path: bySelector
        ? pointerTo(template.pointer, 'spec', 'nodeSelector', key)
        : pointerTo(template.pointer, 'spec', 'affinity', 'nodeAffinity'),
      message: `selects nodes of the system pool (${key}: ${value})`,
      why: 'what it uses there is missing for what the whole cluster depends on',
      fix: 'Select the nodes for applications, or leave the selector out',
    };
  }
}

/** Where a Pod landed: told only while there is another place for it, and no taint that it would have had to tolerate. */
function* judgePlace({ template }: Workload, systemPools: readonly string[], view: ClusterView): Iterable<Finding> {
  const name = text(template.spec['nodeName']);
  const node = name === undefined ? undefined : view.get('core/Node', undefined, name);
  const pool = node && poolOf(node, systemPools);
  if (node === undefined || pool === undefined || taintsOf(node).some(({ effect }) => effect !== 'PreferNoSchedule'))
    return;
  if ([...view.list('core/Node')].every((one) => poolOf(one, systemPools) !== undefined)) return;
  yield {
    identity: 'system-node',
    path: '/spec/nodeName',
    message: `runs on ${name}, a node of the system pool (${pool}) without a taint`,
    why: 'what it uses there is missing for what the whole cluster depends on',
    fix: 'Taint the nodes of the system pool: CriticalAddonsOnly=true:NoSchedule',
    atMost: 'Audit',
  };
}

function poolOf(node: KubernetesObject, systemPools: readonly string[]): string | undefined {
  return systemPools.find((pool) => {
    const [key, value] = splitLabel(pool);
    return labelOf(node, key) === value;
  });
}

function splitLabel(pool: string): readonly [key: string, value: string] {
  const equals = pool.indexOf('=');
  return [pool.slice(0, equals), pool.slice(equals + 1)];
}
