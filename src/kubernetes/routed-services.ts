import type { ClusterView } from './cluster-view.ts';
import { at, fields, list } from './fields.ts';
import type { GroupKind, KubernetesObject } from './object.ts';

/** The kinds that bring requests from outside to a Service of their own namespace. */
export const routeKinds: readonly GroupKind[] = ['networking.k8s.io/Ingress', 'gateway.networking.k8s.io/HTTPRoute'];

/** Whether an Ingress or an HTTPRoute of the namespace leads to the Service. */
export function isRouted(service: string, namespace: string | undefined, view: ClusterView): boolean {
  for (const kind of routeKinds) {
    for (const route of view.list(kind, namespace)) {
      if (backendsOf(route, namespace).includes(service)) return true;
    }
  }
  return false;
}

/** Names of the Services in its own namespace that a route leads to. */
function backendsOf(route: KubernetesObject, namespace: string | undefined): readonly unknown[] {
  const rules = list(at(route, 'spec', 'rules'));
  if (route.kind === 'Ingress') {
    const paths = rules.flatMap((rule) => list(at(rule, 'http', 'paths')));
    const backends = [at(route, 'spec', 'defaultBackend'), ...paths.map((path) => at(path, 'backend'))];
    return backends.map((backend) => at(backend, 'service', 'name'));
  }
  return rules
    .flatMap((rule) => list(at(rule, 'backendRefs')).map(fields))
    .filter(
      (backend) => (backend['kind'] ?? 'Service') === 'Service' && (backend['namespace'] ?? namespace) === namespace,
    )
    .map(({ name }) => name);
}
