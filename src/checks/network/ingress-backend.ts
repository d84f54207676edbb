import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { at, fields, list, text } from '../../kubernetes/fields.ts';
import { type IngressBackend, ingressBackends } from '../../kubernetes/ingress-backends.ts';
import {
  type IngressController,
  ingressClassKind,
  ingressKind,
  resolveIngress,
} from '../../kubernetes/ingress-controller.ts';
import { gatewayKind, httpRouteKind, referenceGrantKind } from '../../kubernetes/http-route.ts';
import { controllerOf, type KubernetesObject } from '../../kubernetes/object.ts';
import { readService, serviceKind } from '../../kubernetes/service.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { judgeRoute, leadsOutOfSight } from './route-backends.ts';

export const ingressBackend = defineCheck<object>({
  id: 'network/ingress-backend',
  title: 'A route leads to a Service and a port that there are',
  why: 'every request for this path is answered with 503',
  prevents: [
    '503 Service Temporarily Unavailable',
    'error obtaining endpoints for service',
    'the certificate of the controller instead of ours',
  ],
  remedy:
    'Name a Service of the same namespace and one of its ports, by its name or its number (that of the Service, not the one of the ' +
    'container), and a class that an IngressClass describes. An HTTPRoute may lead into another namespace if a ReferenceGrant there allows it.',
  severity: 'high',
  kinds: [ingressKind, httpRouteKind],
  reads: {
    [serviceKind]: 'some',
    [ingressClassKind]: 'none',
    [ingressKind]: 'none',
    [gatewayKind]: 'none',
    [referenceGrantKind]: 'none',
  },
  params: {
    schema: { type: 'object', properties: {}, required: [], additionalProperties: false },
    defaults: {},
  },
  *evaluate(subject, _params, view) {
    const { object, namespace } = subject;
    if (controllerOf(object) !== undefined) return;
    if (subject.groupKind === httpRouteKind) {
      yield* judgeRoute(subject, view);
      return;
    }
    const { controller, className, ingressClass } = resolveIngress(object, view);
    // The annotation from before there were classes is between the author and the controller: it needs none. Nor does Contour.
    const named = text(at(object, 'spec', 'ingressClassName'));
    if (named && ingressClass === undefined && controller !== 'contour' && view.knows(ingressClassKind) === 'all')
      yield describeClass(named);
    const backends = ingressBackends(object);
    const seen = new Set<string>();
    for (const backend of backends) {
      const finding = judgeBackend(backend, namespace, controller, view);
      if (finding === undefined || seen.has(finding.identity)) continue;
      seen.add(finding.identity);
      yield finding;
    }
    if (backends.length > 0 && list(at(object, 'spec', 'rules')).length === 0) yield onlyDefault;
    yield* judgePaths(subject, className, view);
  },
  unknown({ object, namespace, groupKind }, _params, view) {
    if (groupKind === httpRouteKind)
      return view.knows(serviceKind) !== 'all' && leadsOutOfSight(object, namespace, view) ? serviceKind : undefined;
    const isMissing = ({ service }: IngressBackend): boolean => view.get(serviceKind, namespace, service) === undefined;
    return view.knows(serviceKind) !== 'all' && ingressBackends(object).some(isMissing) ? serviceKind : undefined;
  },
});

/** Programs that send to pods only, or to names only where someone switched that on. */
const withoutExternalNames: ReadonlySet<IngressController> = new Set(['alb', 'gce', 'contour', 'traefik']);

function judgeBackend(
  { service: name, port, path }: IngressBackend,
  namespace: string | undefined,
  controller: IngressController | undefined,
  view: ClusterView,
): Finding | undefined {
  const found = view.get(serviceKind, namespace, name);
  if (found === undefined) {
    // ALB takes actions from annotations, behind a name of no Service.
    if (view.knows(serviceKind) !== 'all' || port === 'use-annotation') return undefined;
    return {
      identity: `service/${name}`,
      path: `${path}/name`,
      message: `Service "${name}" does not exist in namespace "${namespace ?? ''}"`,
      fix: `Name a Service of this namespace, or create "${name}"; an Ingress cannot reach into another namespace`,
      atMost: 'Warn',
      pending: true,
    };
  }
  const service = readService(found);
  if (service.type === 'ExternalName') {
    if (controller === undefined || !withoutExternalNames.has(controller)) return undefined;
    return {
      identity: `external-name/${name}`,
      path: `${path}/name`,
      message: `Service "${name}" is an ExternalName, which the controller of this class does not follow`,
      fix: 'Name a Service with pods, or run a proxy for the name outside',
      atMost: 'Warn',
    };
  }
  if (port === undefined || service.ports.some((one) => one.name === port || one.port === port)) return undefined;
  const shown = service.ports.map((one) =>
    one.name === undefined ? String(one.port) : `${one.name} (${String(one.port)})`,
  );
  const [first] = service.ports;
  const wanted =
    first?.name === undefined ? `number: ${typeof first?.port === 'number' ? first.port : 80}` : `name: ${first.name}`;
  return {
    identity: `port/${name}/${port}`,
    path: `${path}/port`,
    message: `Service "${name}" has no port ${port}, only ${shown.join(', ').slice(0, 40)}`,
    fix: `Name a port of the Service:\nport: {${wanted}}`,
    atMost: 'Warn',
    pending: true,
  };
}

function describeClass(className: string): Finding {
  return {
    identity: 'class',
    path: '/spec/ingressClassName',
    message: `there is no IngressClass "${className}"`,
    why: 'no controller serves it, and nothing answers for its hosts',
    fix: 'Name a class that `kubectl get ingressclass` shows',
    atMost: 'Warn',
    pending: true,
  };
}

const onlyDefault: Finding = {
  identity: 'default-only',
  path: '/spec/defaultBackend',
  message: 'defaultBackend without rules takes every request that no other Ingress wants',
  why: 'most controllers have one such place, and two of these fight for it',
  fix: 'Name under rules the hosts and paths that the Service is for, unless it is the error page of all',
  atMost: 'Audit',
  severity: 'info',
};

function* judgePaths(
  { object, namespace }: CheckSubject,
  className: string | undefined,
  view: ClusterView,
): Iterable<Finding> {
  const routes = routesOf(object);
  const vague = routes.find(({ pathType }) => pathType === 'ImplementationSpecific');
  if (vague !== undefined)
    yield {
      identity: 'path-type',
      path: `${vague.pointer}/pathType`,
      message: `pathType: ImplementationSpecific leaves open what "${vague.path}" matches`,
      why: 'another controller, or the Gateway API, matches other requests',
      fix: 'Say how the path is meant:\npathType: Prefix',
      atMost: 'Audit',
      severity: 'info',
    };
  if (routes.every(({ host }) => host === '')) return;
  for (const ingress of view.all(ingressKind)) {
    const { namespace: where = namespace, name = '' } = ingress.metadata;
    if (where === namespace || resolveIngress(ingress, view).className !== className) continue;
    const theirs = routesOf(ingress);
    const twin = routes.find((mine) => theirs.some((one) => one.host === mine.host && one.path === mine.path));
    if (twin === undefined || twin.host === '') continue;
    yield {
      identity: `twin/${where}/${name}`,
      path: `${twin.pointer}/path`,
      message: `${twin.host}${twin.path} is also claimed by Ingress "${name}" of namespace "${where}"`,
      why: 'one of the two gets the requests, and which one depends on the controller',
      fix: 'Give one of them another host or path',
      atMost: 'Warn',
    };
  }
}

interface Route {
  readonly host: string;
  readonly path: string;
  readonly pathType: unknown;
  readonly pointer: string;
}

function routesOf(ingress: KubernetesObject): readonly Route[] {
  return list(at(ingress, 'spec', 'rules')).flatMap((rule, i) =>
    list(at(rule, 'http', 'paths'))
      .map(fields)
      .map((one, j) => ({
        host: text(at(rule, 'host')) ?? '',
        path: text(one['path']) ?? '/',
        pathType: one['pathType'],
        pointer: `/spec/rules/${i}/http/paths/${j}`,
      })),
  );
}
