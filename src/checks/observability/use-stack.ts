import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { at, fields, list } from '../../kubernetes/fields.ts';
import { daemonSetKind, findNodeAgent, type NodeAgent } from '../../kubernetes/node-agents.ts';
import type { GroupKind } from '../../kubernetes/object.ts';
import { defineCheck, type Finding } from '../check.ts';

const apiServiceKind: GroupKind = 'apiregistration.k8s.io/APIService';

/** What tells how full each node is. Managed clusters have their own. */
const nodeMeters: NodeAgent = {
  image:
    /(^|\/)(node-exporter|windows-exporter|cloudwatch-agent|datadog-agent|datadog(hq)?\/agent|opentelemetry-collector[\w-]*|prometheus-engine\/[\w-]*collector|prometheus-collector[\w-]*)$/,
  name: /(node-exporter|windows-exporter|^ama-metrics-node|^ama-metrics-win-node|^cloudwatch-agent|^collector$|^datadog-agent|^datadog$)/,
};

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
    'Run metrics-server, or an adapter that answers for metrics.k8s.io, and an exporter on every node. What a managed control plane does not ' +
    'show, such as etcd, is not asked about.',
  severity: 'medium',
  kinds: ['core/Namespace'],
  // What runs in a cluster is in no manifest of one application.
  sources: ['live'],
  reads: { [apiServiceKind]: 'all', [daemonSetKind]: 'all' },
  params: { schema: { type: 'object', properties: {}, required: [], additionalProperties: false }, defaults: {} },
  *evaluate({ object }, _params, view) {
    if (object.metadata.name !== standIn) return;
    yield* judgeMetricsApi(view);
    if (findNodeAgent(nodeMeters, view) === undefined)
      yield {
        identity: 'node-exporter',
        path: '',
        message: 'no DaemonSet of the cluster is known to measure its nodes',
        why: 'disks, memory and network of a node fill up unseen, until its pods are evicted',
        fix: 'Run node-exporter on every node, or the agent of your monitoring',
        atMost: 'Audit',
      };
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
  const isDown = list(at(service, 'status', 'conditions'))
    .map(fields)
    .some(({ type, status }) => type === 'Available' && status === 'False');
  if (isDown)
    yield {
      ...place,
      message: `the metrics API does not answer (${service.metadata.name})`,
      fix: `Look at why:\nkubectl describe apiservice ${service.metadata.name}`,
    };
}
