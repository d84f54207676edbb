import { replicaBounds } from '../../kubernetes/autoscaling.ts';
import { type ClusterView, unseenKind } from '../../kubernetes/cluster-view.ts';
import { at, list, text } from '../../kubernetes/fields.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import { runsBeside } from '../../kubernetes/pod-template.ts';
import { type GroupKind, kindOf } from '../../kubernetes/object.ts';
import { isRouted, routeKinds } from '../../kubernetes/routed-services.ts';
import { isMadeByWorkload, servedWorkloads } from '../../kubernetes/served-workloads.ts';
import { readService, selectingServices, type Service, serviceKind } from '../../kubernetes/service.ts';
import { replicatedKinds, type Workload } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { injectedContainers, isInjected } from '../injected-containers.ts';
import { exampleProbe } from './example-probe.ts';
import {
  gapsAnywhere,
  gapsBehind,
  gapsWithoutService,
  isProbed,
  type ReadinessGap,
  reachesPods,
} from './readiness-gap.ts';

interface Params {
  /** Whether containers that nobody sends requests to need one too: a rollout then waits until each of them works. */
  everywhere: boolean;
  /** Names and numbers of ports that only a monitoring system asks: they need no readiness. */
  metricsPorts: (string | number)[];
  /** Names of containers that the platform puts into Pods; `*` stands for anything. */
  injectedContainers: string[];
}

const controllerKinds: readonly GroupKind[] = [...replicatedKinds, 'apps/DaemonSet'];
const judgedKinds: readonly GroupKind[] = [...controllerKinds, 'core/Pod'];
const scaledObject: GroupKind = 'keda.sh/ScaledObject';

export const readinessProbe = defineCheck<Params>({
  id: 'network/readiness-probe',
  title: 'Containers behind a Service have a readinessProbe',
  why: 'it gets requests from the moment its process starts, and a rollout replaces pods that serve by pods that do not',
  prevents: [
    '502 Bad Gateway during each rollout: connect() failed (111: Connection refused) while connecting to upstream',
    'a rollout that succeeds although none of the new pods answers',
  ],
  remedy:
    'Add a readinessProbe to the container that serves, asking something that succeeds only once it can: a path of the ' +
    'application rather than an open port. A livenessProbe does not do this, and a startupProbe only until the start is over.',
  severity: 'high',
  kinds: [...judgedKinds, serviceKind],
  // A Service that is found proves the point; `unknown` speaks up for one that is not.
  reads: Object.fromEntries(
    [serviceKind, scaledObject, ...controllerKinds, ...routeKinds].map((kind) => [kind, 'none']),
  ),
  params: {
    schema: {
      type: 'object',
      properties: {
        everywhere: { type: 'boolean' },
        metricsPorts: { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'integer' }] } },
        injectedContainers: { type: 'array', items: { type: 'string' } },
      },
      required: [],
      additionalProperties: false,
    },
    defaults: {
      everywhere: false,
      metricsPorts: ['metrics', 'prom', 'http-metrics', 'health', 9090, 9100, 2112, 8888],
      injectedContainers: [...injectedContainers],
    },
  },
  *evaluate(subject, params, view) {
    const { workload, groupKind } = subject;
    if (groupKind === serviceKind) yield* judgeService(subject, params, view);
    else if (workload !== undefined && !isMadeByWorkload(workload))
      yield* judgeWorkload(subject, workload, params, view);
  },
  unknown({ groupKind, workload, source }, params, view) {
    if (groupKind === serviceKind) return source === 'admission' ? unseenKind(controllerKinds, view) : undefined;
    if (workload === undefined || isMadeByWorkload(workload) || params.everywhere) return undefined;
    const running = workload.template.containers.filter(runsBeside);
    const isSettled = running.some(isProbed) && gapsWithoutService(workload.template, params.metricsPorts).length === 0;
    return isSettled ? undefined : unseenKind([serviceKind], view);
  },
});

function* judgeWorkload(
  subject: CheckSubject,
  workload: Workload,
  params: Params,
  view: ClusterView,
): Iterable<Finding> {
  const { template } = workload;
  if (template.containers.every((one) => !runsBeside(one) || isProbed(one)) || isNodeAgent(workload)) return;
  const gaps = new Map<string, ReadinessGap>();
  let isServed = false;
  for (const { service, match } of selectingServices(template.labels, subject.namespace, view)) {
    const isExcused = servesUnready(service, workload.groupKind, subject.object);
    isServed ||= isExcused || reachesPods(service, template);
    if (isExcused) continue;
    for (const gap of gapsBehind(template, service, match, params.metricsPorts)) {
      if (!gaps.get(gap.one.name)?.proven) gaps.set(gap.one.name, gap);
    }
  }
  if (!isServed && mayGetService(workload, view)) {
    for (const gap of gapsWithoutService(template, params.metricsPorts)) gaps.set(gap.one.name, gap);
  }
  if (params.everywhere)
    for (const gap of gapsAnywhere(template)) if (!gaps.has(gap.one.name)) gaps.set(gap.one.name, gap);
  for (const gap of gaps.values()) {
    if (isInjected(gap.one.name, subject, params.injectedContainers)) continue;
    const isPublic = gap.service !== undefined && isRouted(gap.service.name, subject.namespace, view);
    // Whoever asks from outside sees the failures.
    yield isPublic ? { ...describe(gap), severity: 'critical' } : describe(gap);
  }
}

/** Peers that must find one another before they are ready, which is what such Services are for. */
function servesUnready(service: Service, groupKind: GroupKind, object: unknown): boolean {
  const governs = groupKind === 'apps/StatefulSet' && at(object, 'spec', 'serviceName') === service.name;
  return service.publishesNotReady || (governs && service.isHeadless);
}

/** Whether a workload that no Service selects is likely to be given one, as far as the view can tell. */
function mayGetService(workload: Workload, view: ClusterView): boolean {
  const { groupKind } = workload;
  const seen = view.knows(serviceKind);
  // The Service that governs a StatefulSet would excuse it: not having seen it is not enough.
  if (groupKind === 'core/Pod' || seen === 'none' || (groupKind === 'apps/StatefulSet' && seen !== 'all')) return false;
  return replicaBounds(workload, view).autoscaler?.kind !== 'ScaledObject';
}

/** The network and storage drivers of a node: their ports are for the kubelet. */
function isNodeAgent({ groupKind, template: { spec } }: Workload): boolean {
  if (groupKind !== 'apps/DaemonSet' || spec['hostNetwork'] !== true) return false;
  return list(spec['volumes']).some((volume) =>
    /^\/(etc\/cni|opt\/cni|var\/lib\/cni|var\/lib\/kubelet)(\/|$)/.test(text(at(volume, 'hostPath', 'path')) ?? ''),
  );
}

function describe({ one, service, port, isAny, proven }: ReadinessGap): Finding {
  const who = isAny ? 'no container has a' : `container "${one.name}" has no`;
  const number = port === undefined ? '' : ` port ${port.number}`;
  const alone =
    port === undefined ? `${who} readinessProbe` : `container "${one.name}" serves${number} and has no readinessProbe`;
  return {
    identity: `container/${one.name}`,
    path: pointerTo(one.pointer, 'readinessProbe'),
    message:
      service === undefined
        ? alone
        : `${who} readinessProbe, and Service "${service.name}" sends requests to${number || ' its pods'}`,
    fix: `Add a readinessProbe that succeeds once the container can serve, for example:\n${exampleProbe(port)}`,
    ...(!proven && { atMost: 'Warn' }),
    ...(service !== undefined && { restsOn: [{ groupKind: serviceKind, name: service.name }] }),
    ...(service === undefined && {
      severity: 'medium',
      why:
        port === undefined
          ? 'a rollout and a drain go on to the next pod before this one works'
          : 'a Service would send it requests before it can answer them',
    }),
  };
}

/** Told when a Service comes to workloads that are there; what a file holds of them is told at the workload itself. */
function* judgeService(
  { object, namespace, source }: CheckSubject,
  params: Params,
  view: ClusterView,
): Iterable<Finding> {
  if (source !== 'admission') return;
  const service = readService(object);
  for (const { workload, match } of servedWorkloads(service.selector, namespace, view)) {
    const { groupKind, name, template } = workload;
    if (!judgedKinds.includes(groupKind) || isNodeAgent(workload)) continue;
    const kind = kindOf(groupKind);
    if (servesUnready(service, groupKind, view.get(groupKind, namespace, name))) continue;
    for (const { one, port } of gapsBehind(template, service, match, params.metricsPorts)) {
      yield {
        identity: `${kind}/${name}/container/${one.name}`,
        path: '/spec/selector',
        message: `sends requests to ${kind} ${name}, whose container "${one.name}" has no readinessProbe`,
        fix: `Add a readinessProbe to that container, for example:\n${exampleProbe(port)}`,
        atMost: 'Warn',
      };
    }
  }
}
