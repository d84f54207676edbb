import { type ClusterView, unseenKind } from '../../kubernetes/cluster-view.ts';
import { sameJson } from '../../kubernetes/json-patch.ts';
import { enumerate } from '../../kubernetes/named-objects.ts';
import { isAddedLater } from '../../kubernetes/label-selector.ts';
import { controllerOf, type GroupKind } from '../../kubernetes/object.ts';
import { viewWith } from '../../kubernetes/revised-view.ts';
import { servedKinds, servedWorkloads } from '../../kubernetes/served-workloads.ts';
import { readService, selectingServices, type Service, serviceKind } from '../../kubernetes/service.ts';
import { replicatedKinds, type Workload } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { type IgnoreLabels, ignoreLabelsParams, isBeyondTemplates } from '../operator-labels.ts';
import { strayWorkloads, undeclaredPorts } from './service-ports.ts';
import { judgeUnmatched } from './unmatched-selector.ts';

const portedKinds: readonly GroupKind[] = [...replicatedKinds, 'apps/DaemonSet'];

export const serviceSelector = defineCheck<IgnoreLabels>({
  id: 'network/service-selector',
  title: 'A Service finds its pods and their ports',
  why: 'it has no endpoints, and every request to it is refused',
  prevents: [
    '503 Service Unavailable: no endpoints available for service "…"',
    'connect: connection refused for one request out of a few, from pods that were never meant to answer',
  ],
  remedy:
    'Write into the selector just the labels of the pod template, all of which must match, and into targetPort the number of a ' +
    'port or the name under which the container declares it. Pods of Jobs and workers need a label that keeps them out.',
  severity: 'high',
  kinds: [serviceKind, ...portedKinds],
  // What is found proves the point; `unknown` speaks up for what is not.
  reads: Object.fromEntries([serviceKind, ...servedKinds].map((kind) => [kind, 'none'])),
  params: ignoreLabelsParams,
  *evaluate(subject, params, view) {
    if (subject.groupKind === serviceKind) yield* judgeService(subject, params, view);
    else if (subject.source === 'admission' && subject.workload !== undefined)
      yield* judgeWorkload(subject, subject.workload, view);
  },
  unknown({ groupKind, object, namespace, source }, params, view) {
    if (groupKind !== serviceKind) return source === 'admission' ? unseenKind([serviceKind], view) : undefined;
    const service = readService(object);
    const isOpen = !isForeign(service) && showsInTemplates(service, params);
    return isOpen && servedWorkloads(service.selector, namespace, view).length === 0
      ? unseenKind(servedKinds, view)
      : undefined;
  },
});

function* judgeService(
  { object, namespace }: CheckSubject,
  params: IgnoreLabels,
  view: ClusterView,
): Iterable<Finding> {
  const service = readService(object);
  if (isForeign(service)) return;
  if (service.publishesNotReady && !service.isHeadless && service.type !== 'ExternalName') yield describeNotReady();
  if (Object.keys(service.selector).length === 0) return;
  const served = servedWorkloads(service.selector, namespace, view);
  const workloads = served.map(({ workload }) => workload);
  if (served.length > 0) yield* undeclaredPorts(service, workloads);
  else if (showsInTemplates(service, params)) yield* judgeUnmatched(service, namespace, view);
  yield* strayWorkloads(
    service,
    served.filter(({ match }) => match === 'yes').map(({ workload }) => workload),
    view,
  );
  yield* judgeTwins(service, namespace, view);
}

/** Whether a template would show what the selector asks for, besides labels that every pod gets later. */
function showsInTemplates({ selector }: Service, { ignoreLabels }: IgnoreLabels): boolean {
  const keys = Object.keys(selector).filter((key) => !isAddedLater(key));
  return keys.length > 0 && !isBeyondTemplates(keys, ignoreLabels);
}

/** Whoever makes a Service knows what it is for; Knative's own have no pods for as long as nobody asks. */
function isForeign({ object, selector }: Service): boolean {
  const keys = [...Object.keys(selector), ...Object.keys(object.metadata.labels ?? {})];
  return controllerOf(object) !== undefined || keys.some((key) => key.startsWith('serving.knative.dev/'));
}

function describeNotReady(): Finding {
  return {
    identity: 'publishNotReadyAddresses',
    path: '/spec/publishNotReadyAddresses',
    message: 'publishNotReadyAddresses sends requests to pods that are not ready',
    why: 'it is meant for peers that look for one another through a headless Service, not for requests',
    fix: 'Remove publishNotReadyAddresses; peers that need it get a second, headless Service',
    severity: 'medium',
  };
}

/**
 * A headless Service beside one with an address, one for the cluster beside one for the world, and one for another port each
 * have a purpose of their own: only what leads the same clients to the same port is said twice.
 */
function* judgeTwins(service: Service, namespace: string | undefined, view: ClusterView): Iterable<Finding> {
  const twins: string[] = [];
  for (const object of view.list(serviceKind, namespace)) {
    const other = readService(object);
    if (other.name === service.name || other.isHeadless !== service.isHeadless || other.type !== service.type) continue;
    if (sameJson(other.selector, service.selector) && shareTarget(other, service)) twins.push(other.name);
  }
  if (twins.length === 0) return;
  yield {
    identity: 'twin',
    path: '/spec/selector',
    message: `the same pods and ports are behind Service ${enumerate(twins).slice(0, 60)} too`,
    why: 'two names for the same pods are easily mended in one place and forgotten in the other',
    fix: 'Keep one of them with the ports of both, unless each has clients of its own',
    atMost: 'Audit',
    severity: 'info',
  };
}

function shareTarget(a: Service, b: Service): boolean {
  return a.ports.some(({ targetPort }) => b.ports.some((port) => port.targetPort === targetPort));
}

/** Told when a workload takes away the name of a port that Services of its namespace send requests to. */
function* judgeWorkload(
  { object, namespace }: CheckSubject,
  { template }: Workload,
  view: ClusterView,
): Iterable<Finding> {
  for (const { service, match } of selectingServices(template.labels, namespace, view)) {
    if (match !== 'yes' || isForeign(service)) continue;
    if (!service.ports.some(({ targetPort }) => typeof targetPort === 'string')) continue;
    const served = servedWorkloads(service.selector, namespace, viewWith(view, object, namespace));
    for (const finding of undeclaredPorts(
      service,
      served.map(({ workload }) => workload),
    )) {
      yield {
        ...finding,
        identity: `service/${service.name}/${finding.identity}`,
        path: `${template.pointer}/spec/containers`,
        message: `Service "${service.name}": ${finding.message}`,
        fix: 'Give the port in the container the name that the Service asks for, or change both together',
        atMost: 'Warn',
      };
    }
  }
}
