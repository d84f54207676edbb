import type { ClusterView } from './cluster-view.ts';
import { at, fields, list, text } from './fields.ts';
import type { GroupKind, KubernetesObject } from './object.ts';

export const httpRouteKind: GroupKind = 'gateway.networking.k8s.io/HTTPRoute';
export const gatewayKind: GroupKind = 'gateway.networking.k8s.io/Gateway';
export const referenceGrantKind: GroupKind = 'gateway.networking.k8s.io/ReferenceGrant';

const group = 'gateway.networking.k8s.io';

/** A Service that a rule of an HTTPRoute sends requests to. */
export interface RouteBackend {
  readonly service: string;
  readonly namespace: string | undefined;
  readonly port: unknown;
  /** JSON Pointer to the reference. */
  readonly pointer: string;
}

/** Of each rule; what other kinds take, only their own controller knows. Source: gateway-api BackendObjectReference. */
export function* routeBackends(route: KubernetesObject, own: string | undefined): Iterable<RouteBackend> {
  let rule = -1;
  for (const { backendRefs } of list(at(route, 'spec', 'rules')).map(fields)) {
    rule += 1;
    let index = -1;
    for (const reference of list(backendRefs).map(fields)) {
      index += 1;
      const service = text(reference['name']);
      const isService = (reference['group'] ?? '') === '' && (reference['kind'] ?? 'Service') === 'Service';
      if (!isService || service === undefined) continue;
      yield {
        service,
        namespace: text(reference['namespace']) ?? own,
        port: reference['port'],
        pointer: `/spec/rules/${rule}/backendRefs/${index}`,
      };
    }
  }
}

/** A Gateway that an HTTPRoute asks to carry it. */
export interface RouteParent {
  readonly gateway: string;
  readonly namespace: string | undefined;
  /** Name of one of its listeners; undefined for all of them. */
  readonly section: string | undefined;
  readonly pointer: string;
}

/** A route of a mesh hangs on a Service instead. */
export function* routeParents(route: KubernetesObject, own: string | undefined): Iterable<RouteParent> {
  let index = -1;
  for (const reference of list(at(route, 'spec', 'parentRefs')).map(fields)) {
    index += 1;
    const gateway = text(reference['name']);
    const isGateway = (reference['group'] ?? group) === group && (reference['kind'] ?? 'Gateway') === 'Gateway';
    if (!isGateway || gateway === undefined) continue;
    const pointer = `/spec/parentRefs/${index}`;
    yield { gateway, namespace: text(reference['namespace']) ?? own, section: text(reference['sectionName']), pointer };
  }
}

/** Whether a ReferenceGrant in the namespace of the Service lets HTTPRoutes of the other one lead to it. */
export function isGranted({ service, namespace }: RouteBackend, from: string | undefined, view: ClusterView): boolean {
  for (const grant of view.list(referenceGrantKind, namespace)) {
    const asker = list(at(grant, 'spec', 'from')).map(fields);
    const asked = list(at(grant, 'spec', 'to')).map(fields);
    if (
      asker.some((one) => one['group'] === group && one['kind'] === 'HTTPRoute' && one['namespace'] === from) &&
      asked.some(
        (one) => (one['group'] ?? '') === '' && one['kind'] === 'Service' && (one['name'] ?? service) === service,
      )
    )
      return true;
  }
  return false;
}
