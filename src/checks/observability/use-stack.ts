import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { conditionOf, isTrue } from '../../kubernetes/conditions.ts';
import { at } from '../../kubernetes/fields.ts';
import { enumerate } from '../../kubernetes/named-objects.ts';
import { daemonSetKind, isVirtualNode, type NodeAgent, nodeAgents } from '../../kubernetes/node-agents.ts';
import { type GroupKind, type KubernetesObject, labelOf } from '../../kubernetes/object.ts';
import { readyPods } from '../../kubernetes/ready-pods.ts';
import { taintsOf } from '../../kubernetes/toleration.ts';
import { defineCheck, type Finding } from '../check.ts';

const apiServiceKind: GroupKind = 'apiregistration.k8s.io/APIService';

/** What tells how full each node is: one product each, which may have a DaemonSet for each pool of nodes. */
const nodeMeters: readonly NodeAgent[] = [
  { image: /(^|\/)(node|windows)-exporter$/, name: /(node|windows)-exporter/ },
  { image: /(^|\/)(datadog-agent|datadog(hq)?\/agent)$/, name: /^datadog(-agent|$)/ },
  { image: /(^|\/)(opentelemetry-collector[\w-]*|[\w-]*otel-collector)$/ },
  { image: /(^|\/)(alloy|grafana-agent|grafana\/agent)$/ },
  { image: /(^|\/)metricbeat[\w-]*$/ },
  { image: /(^|\/)elastic-agent[\w-]*$/ },
  { image: /(^|\/)(dynatrace-)?oneagent$/, name: /oneagent/ },
  { image: /(^|\/)newrelic\/(infrastructure[\w-]*|nri-kubernetes)$/ },
  { image: /(^|\/)netdata$/ },
  { image: /(^|\/)cloudwatch-agent$/, name: /^cloudwatch-agent/ },
  { image: /(^|\/)prometheus-engine\/[\w-]+$/ },
  { image: /(^|\/)prometheus-collector[\w-]*$/, name: /^ama-metrics-(node|win-node)/ },
];

/**
 * What counts the objects of the cluster, by its name or the name that its chart gives as a label. Agents that do it themselves are
 * among them, and collectors of OpenTelemetry, of which no object says what they collect.
 */
const stateMeters =
  /(kube-state-metrics|^ama-metrics-ksm|datadog.{0,60}cluster-agent|^cloudwatch-agent|opentelemetry-collector|otel-?col)/;
const stateMeterKinds: readonly GroupKind[] = ['apps/Deployment', 'apps/StatefulSet', daemonSetKind];

/** Of the nodes of an operating system: some always come, go and are updated. */
const enough = 0.9;

/** The Namespace `default` stands for the cluster: there is one in each, and it is nobody's. */
const standIn = 'default';

export const useStack = defineCheck<object>({
  id: 'observability/use-stack',
  title: 'Utilisation, saturation and errors of the nodes are measured',
  why: 'autoscalers stand still, and a node that runs full is noticed by what dies on it',
  prevents: [
    'error: Metrics API not available, when somebody needs `kubectl top` most',
    'unable to fetch metrics from resource metrics API, and autoscalers that do not scale',
  ],
  remedy:
    'Run metrics-server, or an adapter that answers for metrics.k8s.io, kube-state-metrics, and an exporter on every node. What a managed ' +
    'control plane does not show, such as etcd, is not asked about.',
  severity: 'medium',
  kinds: ['core/Namespace'],
  // What runs in a cluster is in no manifest of one application.
  sources: ['live'],
  reads: {
    [apiServiceKind]: 'all',
    [daemonSetKind]: 'all',
    'apps/Deployment': 'all',
    'apps/StatefulSet': 'all',
    'core/Node': 'all',
  },
  params: { schema: { type: 'object', properties: {}, required: [], additionalProperties: false }, defaults: {} },
  *evaluate({ object }, _params, view) {
    if (object.metadata.name !== standIn) return;
    yield* judgeMetricsApi(view);
    yield* judgeStateMeters(view);
    yield* judgeNodes(view);
  },
});

function* judgeMetricsApi(view: ClusterView): Iterable<Finding> {
  const service = [...view.list(apiServiceKind)].find((one) => at(one, 'spec', 'group') === 'metrics.k8s.io');
  const place = { identity: 'metrics-api', path: '' };
  if (service === undefined) {
    yield {
      ...place,
      message: 'the cluster has no metrics.k8s.io API',
      fix: 'Install metrics-server, or an adapter that answers for metrics.k8s.io',
    };
    return;
  }
  if (!isTrue(conditionOf(service, 'Available')))
    yield {
      ...place,
      message: `the metrics API does not answer (${service.metadata.name})`,
      fix: `See why: kubectl describe apiservice ${service.metadata.name}`,
    };
}

function* judgeStateMeters(view: ClusterView): Iterable<Finding> {
  const meters = stateMeterKinds.flatMap((kind) => [...view.all(kind)].filter(countsObjects));
  if (meters.some((one) => readyPods(one) > 0)) return;
  const [meter] = meters;
  const place = meter && `${meter.metadata.namespace ?? ''}/${meter.metadata.name ?? ''}`;
  yield {
    identity: 'kube-state-metrics',
    path: '',
    message:
      meter === undefined
        ? 'nothing in the cluster is known to count its objects, as kube-state-metrics does'
        : `no pod of ${meter.kind} ${place} is ready`,
    why: 'replicas that are missing, pods that restart and Jobs that fail are in no metric, and raise no alert',
    fix:
      meter === undefined
        ? 'Run kube-state-metrics, or the agent of your monitoring that does the same'
        : `See why: kubectl describe ${meter.kind.toLowerCase()} ${meter.metadata.name ?? ''} -n ${meter.metadata.namespace ?? ''}`,
    atMost: 'Audit',
  };
}

function countsObjects(workload: KubernetesObject): boolean {
  const labels = at(workload, 'spec', 'template', 'metadata', 'labels');
  const names = [
    workload.metadata.name,
    at(labels, 'app.kubernetes.io/name'),
    at(labels, 'k8s-app'),
    at(labels, 'app'),
  ];
  return names.some((name) => typeof name === 'string' && stateMeters.test(name));
}

function* judgeNodes(view: ClusterView): Iterable<Finding> {
  const products = nodeMeters.map((meter) => Array.from(nodeAgents(meter, view))).filter((agents) => agents.length > 0);
  if (products.length === 0) {
    yield describeUnmeasured('node-exporter', 'no DaemonSet of the cluster is known to measure its nodes');
    return;
  }
  const nodes = [...view.list('core/Node')].filter(runsDaemons);
  for (const [system, exporter] of [
    ['linux', 'node-exporter'],
    ['windows', 'windows-exporter'],
  ] as const) {
    const wanted = nodes.filter((node) => systemOfNode(node) === system).length;
    const { ready, names } = bestOf(products, system);
    if (ready >= wanted * enough) continue;
    const by = names.length === 0 ? '' : `, by DaemonSet ${enumerate(names)}`;
    yield describeUnmeasured(exporter, `${ready} of ${wanted} ${system} nodes are measured${by}`);
  }
}

/** The product that measures most: two that measure half of the nodes each may measure the same half. */
function bestOf(products: readonly (readonly KubernetesObject[])[], system: System): Measured {
  let best: Measured = { ready: 0, names: [] };
  for (const agents of products) {
    const its = agents.filter((agent) => systemOfAgent(agent) === system);
    const ready = its.reduce((sum, agent) => sum + readyPods(agent), 0);
    if (ready > best.ready || best.names.length === 0)
      best = { ready, names: its.map(({ metadata }) => metadata.name ?? '') };
  }
  return best;
}

interface Measured {
  readonly ready: number;
  /** Of the DaemonSets. */
  readonly names: readonly string[];
}

/** Nodes that are down have no pods that are ready, and another trouble; virtual ones and Fargate never run a DaemonSet. */
function runsDaemons(node: KubernetesObject): boolean {
  if (isVirtualNode(node)) return false;
  if (labelOf(node, 'eks.amazonaws.com/compute-type') === 'fargate') return false;
  return !taintsOf(node).some(({ key }) =>
    /^(virtual-kubelet\.io|node\.kubernetes\.io\/(not-ready|unreachable)$)/.test(key),
  );
}

type System = 'linux' | 'windows';

function systemOfNode(node: KubernetesObject): System {
  return labelOf(node, 'kubernetes.io/os') === 'windows' ? 'windows' : 'linux';
}

/** By the name where it is not by the selector: AKS uses an affinity. */
function systemOfAgent({ metadata, spec }: KubernetesObject): System {
  const selected = at(spec, 'template', 'spec', 'nodeSelector', 'kubernetes.io/os');
  return selected === 'windows' || /(^|-)win(dows)?(-|$)/.test(metadata.name ?? '') ? 'windows' : 'linux';
}

function describeUnmeasured(exporter: string, message: string): Finding {
  return {
    identity: exporter,
    path: '',
    message,
    why: 'disks, memory and network of a node fill up unseen, until its pods are evicted',
    fix: `Run ${exporter} on every node, or the agent of your monitoring, and let it tolerate their taints:\ntolerations: [{operator: Exists}]`,
    atMost: 'Audit',
  };
}
