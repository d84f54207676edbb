import type { ClusterView } from './cluster-view.ts';
import { at, own } from './fields.ts';
import { matchesSelector } from './label-selector.ts';
import type { Monitor } from './monitor.ts';
import { selectsNamespace } from './namespace-selector.ts';
import type { GroupKind, KubernetesObject } from './object.ts';

/** What the Prometheus operator runs, and whose selectors decide which monitors count. */
export const prometheusKinds: readonly GroupKind[] = [
  'monitoring.coreos.com/Prometheus',
  'monitoring.coreos.com/PrometheusAgent',
];

export function* prometheusesIn(view: ClusterView): Iterable<KubernetesObject> {
  for (const kind of prometheusKinds) yield* view.all(kind);
}

/** Without a selector it obeys no monitor; without one for namespaces, those of its own. Source: prometheus-operator CommonPrometheusFields. */
export function obeys(prometheus: KubernetesObject, monitor: Monitor, view: ClusterView): boolean {
  const prefix = monitor.targets === 'services' ? 'serviceMonitor' : 'podMonitor';
  const labels = monitor.object.metadata.labels ?? {};
  if (matchesSelector(at(prometheus, 'spec', `${prefix}Selector`), labels) === 'no') return false;
  const namespaces = own(prometheus['spec'], `${prefix}NamespaceSelector`) ?? undefined;
  if (namespaces === undefined) return prometheus.metadata.namespace === monitor.namespace;
  return selectsNamespace(namespaces, monitor.namespace ?? 'default', view) !== 'no';
}
