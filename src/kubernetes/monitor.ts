import { at, type Fields, fields, list, text } from './fields.ts';
import { type Match, matchesSelector } from './label-selector.ts';
import type { GroupKind, KubernetesObject } from './object.ts';

/** A ServiceMonitor or PodMonitor of the Prometheus operator, or one of the kinds after their model: what it scrapes, and where. */
export interface Monitor {
  readonly object: KubernetesObject;
  readonly namespace: string | undefined;
  /** Whether its selector means labels of Services or of pods. */
  readonly targets: 'services' | 'pods';
  /** Names of namespaces, or `any`. */
  readonly reach: 'any' | readonly string[];
  readonly selects: (labels: Readonly<Record<string, string>>) => Match;
  readonly endpoints: readonly Fields[];
}

export const serviceMonitorKind: GroupKind = 'monitoring.coreos.com/ServiceMonitor';
export const podMonitorKind: GroupKind = 'monitoring.coreos.com/PodMonitor';

/** All that a workload can be selected by: Azure, Google and VictoriaMetrics have kinds of their own. */
export const monitorKinds: readonly GroupKind[] = [
  serviceMonitorKind,
  podMonitorKind,
  'azmonitoring.coreos.com/ServiceMonitor',
  'azmonitoring.coreos.com/PodMonitor',
  'monitoring.googleapis.com/PodMonitoring',
  'monitoring.googleapis.com/ClusterPodMonitoring',
  'operator.victoriametrics.com/VMServiceScrape',
  'operator.victoriametrics.com/VMPodScrape',
];

export function readMonitor(object: KubernetesObject, namespace = object.metadata.namespace): Monitor {
  const spec = fields(object['spec']);
  return {
    object,
    namespace,
    targets: object.kind.includes('Service') ? 'services' : 'pods',
    // That of Google for the whole cluster has no namespace, and its other one no selector for them.
    reach: object.kind === 'ClusterPodMonitoring' ? 'any' : readReach(spec['namespaceSelector'], namespace),
    selects: (labels) => matchesSelector(spec['selector'], labels),
    endpoints: list(spec['endpoints'] ?? spec['podMetricsEndpoints']).map(fields),
  };
}

export function reaches({ reach }: Monitor, namespace: string | undefined): boolean {
  return reach === 'any' || (namespace !== undefined && reach.includes(namespace));
}

/** Without a namespaceSelector, or with an empty one, it looks into its own namespace alone. */
function readReach(written: unknown, namespace: string | undefined): Monitor['reach'] {
  if (at(written, 'any') === true) return 'any';
  const names = list(at(written, 'matchNames')).filter((name) => text(name) !== undefined) as readonly string[];
  return names.length > 0 ? names : [namespace ?? 'default'];
}
