import { acrossNamespaces } from './across-namespaces.ts';
import type { ClusterView } from './cluster-view.ts';
import { at, type Fields, fields, list, text } from './fields.ts';
import { type Match, matchesSelector } from './label-selector.ts';
import { type GroupKind, groupKindOf, type KubernetesObject } from './object.ts';

/** An object by which something scrapes metrics, and how: the Prometheus operator's kinds, and those of clouds made after them. */
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

const clusterPodMonitoringKind: GroupKind = 'monitoring.googleapis.com/ClusterPodMonitoring';

export const monitorKinds: readonly GroupKind[] = [
  serviceMonitorKind,
  podMonitorKind,
  'azmonitoring.coreos.com/ServiceMonitor',
  'azmonitoring.coreos.com/PodMonitor',
  'monitoring.googleapis.com/PodMonitoring',
  clusterPodMonitoringKind,
  'operator.victoriametrics.com/VMServiceScrape',
  'operator.victoriametrics.com/VMPodScrape',
];

export function readMonitor(object: KubernetesObject, namespace = object.metadata.namespace): Monitor {
  const spec = fields(object['spec']);
  return {
    object,
    namespace,
    targets: object.kind.includes('Service') ? 'services' : 'pods',
    reach: readReach(object, spec['namespaceSelector'], namespace),
    selects: (labels) => matchesSelector(spec['selector'], labels),
    endpoints: list(spec['endpoints'] ?? spec['podMetricsEndpoints']).map(fields),
  };
}

export function reaches({ reach }: Monitor, namespace: string | undefined): boolean {
  return reach === 'any' || (namespace !== undefined && reach.includes(namespace));
}

/** Every monitor of the cluster that looks into the namespace. */
export function* monitorsOf(namespace: string | undefined, view: ClusterView): Iterable<Monitor> {
  for (const kind of monitorKinds) {
    const objects = kind === clusterPodMonitoringKind ? view.list(kind) : acrossNamespaces(kind, view, namespace);
    for (const object of objects) {
      const monitor = readMonitor(object);
      if (reaches(monitor, namespace)) yield monitor;
    }
  }
}

/** Without a namespaceSelector, or with an empty one, it looks into its own namespace alone. */
function readReach(object: KubernetesObject, written: unknown, namespace: string | undefined): Monitor['reach'] {
  if (groupKindOf(object) === clusterPodMonitoringKind) return 'any';
  if (object.kind !== 'PodMonitoring' && at(written, 'any') === true) return 'any';
  const names = list(at(written, 'matchNames')).filter((name) => text(name) !== undefined) as readonly string[];
  return names.length > 0 ? names : [namespace ?? 'default'];
}
