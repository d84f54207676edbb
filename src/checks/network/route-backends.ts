import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { at, list } from '../../kubernetes/fields.ts';
import {
  gatewayKind,
  isGranted,
  referenceGrantKind,
  type RouteBackend,
  routeBackends,
  type RouteParent,
  routeParents,
} from '../../kubernetes/http-route.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { readService, serviceKind } from '../../kubernetes/service.ts';
import type { CheckSubject, Finding } from '../check.ts';

/** Where an HTTPRoute leads, and what is to carry it. */
export function* judgeRoute({ object, namespace }: CheckSubject, view: ClusterView): Iterable<Finding> {
  const seen = new Set<string>();
  const found = [
    ...Array.from(routeParents(object, namespace), (parent) => judgeParent(parent, view)),
    ...Array.from(routeBackends(object, namespace), (backend) => judgeBackend(backend, namespace, view)),
  ];
  for (const finding of found) {
    if (finding === undefined || seen.has(finding.identity)) continue;
    seen.add(finding.identity);
    yield finding;
  }
}

/** Whether some Service that it names is not in the view. */
export function leadsOutOfSight(object: KubernetesObject, namespace: string | undefined, view: ClusterView): boolean {
  for (const backend of routeBackends(object, namespace))
    if (view.get(serviceKind, backend.namespace, backend.service) === undefined) return true;
  return false;
}

function judgeParent({ gateway, namespace, section, pointer }: RouteParent, view: ClusterView): Finding | undefined {
  if (view.knows(gatewayKind) !== 'all') return undefined;
  const found = view.get(gatewayKind, namespace, gateway);
  const why = 'nothing carries the route, so nothing answers for its hosts';
  if (found === undefined)
    return {
      identity: `gateway/${namespace}/${gateway}`,
      path: `${pointer}/name`,
      message: `there is no Gateway "${gateway}" in namespace "${namespace}"`,
      why,
      fix: 'Name a Gateway that `kubectl get gateways -A` shows, with its namespace',
      atMost: 'Warn',
      pending: true,
    };
  const listeners = list(at(found, 'spec', 'listeners')).map((one) => at(one, 'name'));
  if (section === undefined || listeners.includes(section)) return undefined;
  return {
    identity: `gateway/${namespace}/${gateway}/${section}`,
    path: `${pointer}/sectionName`,
    message: `Gateway "${gateway}" has no listener "${section}"`,
    why,
    fix: `Name one of its listeners (${listeners.join(', ').slice(0, 60)}), or leave sectionName out for all of them`,
    atMost: 'Warn',
    pending: true,
  };
}

function judgeBackend(backend: RouteBackend, own: string | undefined, view: ClusterView): Finding | undefined {
  const { service: name, namespace, port, pointer } = backend;
  const why = 'every request of this rule is answered with 500';
  const found = view.get(serviceKind, namespace, name);
  if (found === undefined) {
    if (view.knows(serviceKind) !== 'all') return undefined;
    return {
      identity: `service/${namespace}/${name}`,
      path: `${pointer}/name`,
      message: `Service "${name}" does not exist in namespace "${namespace}"`,
      why,
      fix: `Name a Service that there is, with its namespace, or create "${name}"`,
      atMost: 'Warn',
      pending: true,
    };
  }
  if (namespace !== own && view.knows(referenceGrantKind) === 'all' && !isGranted(backend, own, view))
    return {
      identity: `grant/${namespace}/${name}`,
      path: `${pointer}/namespace`,
      message: `no ReferenceGrant in namespace "${namespace}" lets this route lead to Service "${name}"`.slice(0, 120),
      why,
      fix: `Let those who own namespace ${namespace} add one:\n${grantYaml(namespace, own)}`,
      atMost: 'Warn',
      pending: true,
    };
  const { type, ports } = readService(found);
  if (type === 'ExternalName' || typeof port !== 'number' || ports.some((one) => one.port === port)) return undefined;
  const [first] = ports.map((one) => one.port);
  return {
    identity: `port/${namespace}/${name}/${port}`,
    path: `${pointer}/port`,
    message: `Service "${name}" has no port ${port}, only ${ports
      .map((one) => String(one.port))
      .join(', ')
      .slice(0, 40)}`,
    why,
    fix: `Write the number of a port of the Service, not of the container:\nport: ${typeof first === 'number' ? first : 80}`,
    atMost: 'Warn',
    pending: true,
  };
}

function grantYaml(to: string | undefined, from: string | undefined): string {
  return [
    'apiVersion: gateway.networking.k8s.io/v1beta1',
    'kind: ReferenceGrant',
    `metadata: {name: routes-of-${from}, namespace: ${to}}`,
    'spec:',
    `  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: ${from}}]`,
    '  to: [{group: "", kind: Service}]',
  ].join('\n');
}
