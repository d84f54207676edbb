import { autoscalerKinds, replicaBounds } from '../../kubernetes/autoscaling.ts';
import { type ClusterView, unseenKind } from '../../kubernetes/cluster-view.ts';
import { at } from '../../kubernetes/fields.ts';
import { namedObject } from '../../kubernetes/named-objects.ts';
import { controllerOf, kindOf } from '../../kubernetes/object.ts';
import { viewWith } from '../../kubernetes/revised-view.ts';
import { rollingUpdateOf } from '../../kubernetes/rolling-update.ts';
import { servedKinds, servedWorkloads } from '../../kubernetes/served-workloads.ts';
import { readService, selectingServices, type Service, serviceKind } from '../../kubernetes/service.ts';
import { replicatedKinds, type Workload } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { isBehindLoadBalancer } from './behind-load-balancer.ts';
import { ownHealthCheck } from './own-health-check.ts';

export const externalTrafficPolicy = defineCheck<object>({
  id: 'network/external-traffic-policy',
  title: 'Traffic that stays on its node finds a pod there',
  why: 'a node without a pod of the Service drops what it gets, and nobody tells the sender to ask another one',
  prevents: [
    'connections that time out on some nodes and work on others',
    'a load balancer that goes on sending to nodes without endpoints',
  ],
  remedy:
    'Local keeps the address of the client and saves a hop, for pods that are on every node (a DaemonSet) or behind a load balancer ' +
    'that asks healthCheckNodePort which nodes have one. Everything else is better off with Cluster, the default, which hides the ' +
    'address of the client behind that of a node.',
  severity: 'medium',
  kinds: [serviceKind, ...replicatedKinds],
  // What is found proves the point; `unknown` speaks up for what is not.
  reads: Object.fromEntries([serviceKind, ...servedKinds, ...autoscalerKinds].map((kind) => [kind, 'none'])),
  params: {
    schema: { type: 'object', properties: {}, required: [], additionalProperties: false },
    defaults: {},
  },
  *evaluate(subject, _params, view) {
    if (subject.groupKind === serviceKind) yield* judgeService(subject, view);
    else if (subject.source === 'admission' && subject.workload !== undefined)
      yield* judgeWorkload(subject, subject.workload, view);
  },
  unknown({ groupKind, object, namespace, source }, _params, view) {
    if (groupKind !== serviceKind) return source === 'admission' ? unseenKind([serviceKind], view) : undefined;
    const service = readService(object);
    if (!isLocal(service, 'external') && !isLocal(service, 'internal')) return undefined;
    const isServed = servedWorkloads(service.selector, namespace, view).length > 0;
    return unseenKind(isServed ? autoscalerKinds : servedKinds, view);
  },
});

function* judgeService({ object, namespace }: CheckSubject, view: ClusterView): Iterable<Finding> {
  const service = readService(object);
  const isExternal = isLocal(service, 'external');
  if (!isExternal && !isLocal(service, 'internal')) return;
  // What an operator makes has no author at hand.
  const ceiling = controllerOf(object) === undefined ? {} : ({ atMost: 'Audit' } as const);
  const annotation = isExternal && service.type === 'LoadBalancer' ? ownHealthCheck(object) : undefined;
  if (annotation !== undefined) yield { ...annotation, ...ceiling };
  for (const finding of judgePlaces(service, namespace, view)) yield { ...finding, ...ceiling };
}

function isLocal({ object, type }: Service, direction: 'internal' | 'external'): boolean {
  if (direction === 'internal') return at(object, 'spec', 'internalTrafficPolicy') === 'Local';
  const isReachable = type === 'NodePort' || type === 'LoadBalancer';
  return isReachable && at(object, 'spec', 'externalTrafficPolicy') === 'Local';
}

/** What goes wrong because of where the pods of the Service are. */
function* judgePlaces(service: Service, namespace: string | undefined, view: ClusterView): Iterable<Finding> {
  const served = servedWorkloads(service.selector, namespace, view)
    .filter(({ match }) => match === 'yes')
    .map(({ workload }) => workload);
  const placed = served.find(({ groupKind }) => replicatedKinds.includes(groupKind));
  if (placed === undefined || served.some(({ groupKind }) => groupKind === 'apps/DaemonSet')) return;
  const { type, object } = service;
  if (isLocal(service, 'external')) {
    if (type === 'NodePort' && !isBehindLoadBalancer(object)) yield describePlace('external', service, placed);
    for (const workload of served) yield* judgeRollout(workload, service, view);
  }
  if (isLocal(service, 'internal')) yield describePlace('internal', service, placed);
}

function describePlace(direction: 'internal' | 'external', { name }: Service, workload: Workload): Finding {
  const field = `${direction}TrafficPolicy`;
  return {
    identity: `${direction}/${kindOf(workload.groupKind)}/${workload.name}`,
    path: `/spec/${field}`,
    message: `${field}: Local, but ${namedObject(workload)} does not run on every node`,
    why:
      direction === 'external'
        ? 'nodes without a ready pod drop what reaches their port, and a NodePort has no health check that says which'
        : 'pods on nodes without one of these find no endpoint, whatever runs elsewhere',
    fix: `Let every node pass traffic on in Service "${name}", or run the pods as a DaemonSet:\n${field}: Cluster`,
    atMost: 'Warn',
  };
}

/** The only pod goes before the next one is ready, and the load balancer must find out on which node that is. */
function* judgeRollout(workload: Workload, { type }: Service, view: ClusterView): Iterable<Finding> {
  const { groupKind, name, namespace } = workload;
  const deployment = groupKind === 'apps/Deployment' ? view.get(groupKind, namespace, name) : undefined;
  if (deployment === undefined || autoscalerKinds.some((kind) => view.knows(kind) === 'none')) return;
  if (replicaBounds(workload, view).worst !== 1 || (rollingUpdateOf(deployment, 1)?.unavailable ?? 0) === 0) return;
  yield {
    identity: `gap/Deployment/${name}`,
    path: '/spec/externalTrafficPolicy',
    message: `${namedObject(workload)} may be a single pod, and a rollout takes it away before the next is ready`,
    why: `no node has a pod then, so the ${type === 'NodePort' ? 'node ports' : 'load balancer'} answers nobody`,
    fix: `Set in ${namedObject(workload)} maxUnavailable: 0, or keep two replicas:\nstrategy:\n  rollingUpdate: {maxSurge: 1, maxUnavailable: 0}`,
    atMost: 'Warn',
  };
}

/** Told when a workload comes behind a Service that is there; among files it is told at the Service itself. */
function* judgeWorkload(
  { object, namespace }: CheckSubject,
  { template }: Workload,
  view: ClusterView,
): Iterable<Finding> {
  for (const { service, match } of selectingServices(template.labels, namespace, view)) {
    if (match !== 'yes' || controllerOf(service.object) !== undefined) continue;
    if (!isLocal(service, 'external') && !isLocal(service, 'internal')) continue;
    for (const finding of judgePlaces(service, namespace, viewWith(view, object, namespace))) {
      yield {
        ...finding,
        identity: `service/${service.name}/${finding.identity}`,
        path: `${template.pointer}/metadata/labels`,
        message: `Service "${service.name}": ${finding.message}`,
      };
    }
  }
}
