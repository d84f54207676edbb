import { type ClusterView, unseenKind } from '../../kubernetes/cluster-view.ts';
import { at, type Fields, fields, list, text } from '../../kubernetes/fields.ts';
import { flowYaml } from '../../kubernetes/flow-yaml.ts';
import { type Monitor, podMonitorKind, readMonitor, serviceMonitorKind } from '../../kubernetes/monitor.ts';
import type { GroupKind } from '../../kubernetes/object.ts';
import { obeys, prometheusesIn, prometheusKinds } from '../../kubernetes/prometheus.ts';
import { serviceKind } from '../../kubernetes/service.ts';
import { servedKinds } from '../../kubernetes/served-workloads.ts';
import { defineCheck, type Finding } from '../check.ts';
import { hasPort, mayTarget, type Target, targetsOf } from './monitor-targets.ts';

export const servicemonitorTarget = defineCheck<object>({
  id: 'observability/servicemonitor-target',
  title: 'Monitors select something to scrape',
  why: 'its metrics are missing without any error, and alerts on them never fire',
  prevents: [
    'dashboards that say "no data" in the middle of an incident',
    'alerts that never fire, since their metric does not exist',
  ],
  remedy:
    'A ServiceMonitor selects labels of Services, a PodMonitor those of pods; both only in their own namespace unless ' +
    'namespaceSelector names others. The port of an endpoint is the name of a port of the Service, or of the container.',
  severity: 'medium',
  kinds: [serviceMonitorKind, podMonitorKind],
  // Which of them it needs depends on the kind; `unknown` speaks up for those.
  reads: Object.fromEntries(
    ['core/Namespace' as const, serviceKind, ...servedKinds, ...prometheusKinds].map((kind) => [kind, 'none']),
  ),
  params: {
    schema: { type: 'object', properties: {}, required: [], additionalProperties: false },
    defaults: {},
  },
  *evaluate({ object, namespace }, _params, view) {
    const monitor = readMonitor(object, namespace);
    yield* judgeNumbers(monitor);
    yield* judgeTargets(monitor, view);
    if (unseenKind(prometheusKinds, view) === undefined) yield* judgeObedience(monitor, view);
  },
  unknown({ object, namespace }, _params, view) {
    const monitor = readMonitor(object, namespace);
    const unseen = unseenKind(neededFor(monitor), view) ?? (asksOperators(monitor) ? 'core/Pod' : undefined);
    return unseen !== undefined && !findsAll(monitor, view) ? unseen : unseenKind(prometheusKinds, view);
  },
});

/** Operators make pods of their own kinds: who knows every workload does not know every pod. */
function neededFor({ targets, reach }: Monitor): readonly GroupKind[] {
  const kinds: readonly GroupKind[] = targets === 'services' ? [serviceKind] : [...servedKinds, 'core/Pod'];
  return reach === 'any' ? ['core/Namespace', ...kinds] : kinds;
}

/** The kind of a port's name in the definition is a string: the API server refuses a number. */
function* judgeNumbers(monitor: Monitor): Iterable<Finding> {
  for (const [index, { port }] of monitor.endpoints.entries())
    if (typeof port === 'number') yield describeNumber(monitor, index, port);
}

function* judgeTargets(monitor: Monitor, view: ClusterView): Iterable<Finding> {
  if (unseenKind(neededFor(monitor), view) !== undefined) return;
  const within = [...targetsOf(monitor, 'within', view)];
  const [first] = within;
  if (first === undefined) {
    if (!asksOperators(monitor)) yield describeNothing(monitor, view);
    return;
  }
  for (const [index, endpoint] of monitor.endpoints.entries())
    if (!finds(endpoint, within, view)) yield describeMissing(monitor, index, endpoint, first);
}

/** Whether what is known is enough to say that it selects something, with all of its ports. */
function findsAll(monitor: Monitor, view: ClusterView): boolean {
  const within = [...targetsOf(monitor, 'within', view)];
  return within.length > 0 && monitor.endpoints.every((endpoint) => finds(endpoint, within, view));
}

/** A label in a domain of its own is put onto pods by whoever the domain belongs to: an operator, or a sidecar's injector. */
function asksOperators({ targets, object }: Monitor): boolean {
  if (targets === 'services') return false;
  const selector = at(object, 'spec', 'selector');
  const expressions = list(at(selector, 'matchExpressions')).map((one) => text(at(one, 'key')) ?? '');
  const keys = [...Object.keys(fields(at(selector, 'matchLabels'))), ...expressions];
  return keys.some((key) => key.includes('/') && !key.startsWith('app.kubernetes.io/'));
}

/** An endpoint that names no port at all means all of them. */
function finds(endpoint: Fields, within: readonly Target[], view: ClusterView): boolean {
  const port = text(endpoint['port']);
  if (port !== undefined) return within.some((target) => hasPort(target, port, view));
  const wanted = containerPortOf(endpoint);
  if (wanted === undefined || unseenKind(servedKinds, view) !== undefined) return true;
  return within.some((target) => mayTarget(target, wanted, view));
}

function containerPortOf(endpoint: Fields): string | number | undefined {
  const wanted = endpoint['portNumber'] ?? endpoint['targetPort'];
  return typeof wanted === 'number' ? wanted : text(wanted);
}

function describeNothing(monitor: Monitor, view: ClusterView): Finding {
  const [elsewhere] = targetsOf(monitor, 'elsewhere', view);
  const where = monitor.reach === 'any' ? 'any namespace' : `namespace ${monitor.reach.join(', ')}`;
  const scope = monitor.reach !== 'any' && monitor.reach.length === 1 ? `-n ${monitor.reach[0]}` : '--all-namespaces';
  const noun = monitor.targets === 'services' ? 'Service' : 'pod';
  const base = { identity: 'target', pending: true, atMost: 'Warn' } as const;
  if (elsewhere !== undefined) {
    return {
      ...base,
      path: '/spec/namespaceSelector',
      message: `it selects no ${noun} in ${where}; ${elsewhere.named} is in ${elsewhere.namespace}`,
      fix: `Name the namespace to look into:\nspec:\n  namespaceSelector: ${flowYaml({ matchNames: [elsewhere.namespace] })}`,
    };
  }
  return {
    ...base,
    path: '/spec/selector',
    message: `its selector fits no ${noun} in ${where}`,
    fix:
      monitor.targets === 'services'
        ? `Select labels that stand on the Service itself, not those of its pods:\nkubectl get services ${scope} --show-labels`
        : `Select labels of the pod template:\nkubectl get pods ${scope} --show-labels`,
  };
}

function describeMissing(monitor: Monitor, index: number, endpoint: Fields, target: Target): Finding {
  const port = text(endpoint['port']);
  return port === undefined
    ? describeContainerPort(monitor, index, containerPortOf(endpoint) ?? '', target)
    : describePort(monitor, index, port, target);
}

function describePort(monitor: Monitor, index: number, port: string, { named, ports }: Target): Finding {
  const field = endpointsOf(monitor);
  const [first] = ports;
  return {
    identity: `port/${port}`,
    path: `/spec/${field}/${index}/port`,
    message: `endpoint port ${JSON.stringify(port)} is the name of no port of ${named}`,
    fix:
      first === undefined
        ? `Give the port of ${named} a name, and use it here:\nports:\n  - name: ${flowYaml(port)}`
        : `Use the name of one of its ports: ${ports.join(', ')}\n${field}:\n  - port: ${flowYaml(first)}`,
    pending: true,
    atMost: 'Warn',
  };
}

function describeContainerPort(monitor: Monitor, index: number, port: string | number, target: Target): Finding {
  const pods = target.template === undefined ? `behind ${target.named}` : `of ${target.named}`;
  const declared =
    typeof port === 'number' ? { name: 'metrics', containerPort: port } : { name: port, containerPort: 8080 };
  return {
    identity: `port/${port}`,
    path: `/spec/${endpointsOf(monitor)}/${index}`,
    message: `no container ${pods} declares the port ${JSON.stringify(port)} of an endpoint`,
    fix: `Declare it in the container, or correct the endpoint:\nports:\n  - ${flowYaml(declared)}`,
    pending: true,
    atMost: 'Warn',
  };
}

function describeNumber(monitor: Monitor, index: number, port: number): Finding {
  return {
    identity: `port/${port}`,
    path: `/spec/${endpointsOf(monitor)}/${index}/port`,
    message: `endpoint port ${port} is a number, and the name of a port is asked for`,
    why: 'the API server refuses the monitor as it is',
    fix: `Write the name of the port:\n${endpointsOf(monitor)}:\n  - port: metrics`,
    atMost: 'Warn',
  };
}

function endpointsOf({ targets }: Monitor): string {
  return targets === 'services' ? 'endpoints' : 'podMetricsEndpoints';
}

/** Where no Prometheus is known something else reads the monitors, such as a collector, and nobody can say which. */
function* judgeObedience(monitor: Monitor, view: ClusterView): Iterable<Finding> {
  const prometheuses = [...prometheusesIn(view)];
  const [first] = prometheuses;
  if (first === undefined || prometheuses.some((one) => obeys(one, monitor, view))) return;
  const { name = '', namespace = 'default' } = first.metadata;
  const prefix = monitor.targets === 'services' ? 'serviceMonitor' : 'podMonitor';
  yield {
    identity: 'prometheus',
    path: '/metadata/labels',
    message: `no Prometheus selects it: its labels or its namespace do not fit ${namespace}/${name}`,
    fix: `Give it the labels of ${prefix}Selector, and its namespace those of ${prefix}NamespaceSelector:\nkubectl get prometheus -n ${namespace} ${name} -o yaml`,
    pending: true,
    atMost: 'Warn',
  };
}
