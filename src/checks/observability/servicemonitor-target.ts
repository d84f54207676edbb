import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { text } from '../../kubernetes/fields.ts';
import { flowYaml } from '../../kubernetes/flow-yaml.ts';
import { type Monitor, podMonitorKind, reaches, readMonitor, serviceMonitorKind } from '../../kubernetes/monitor.ts';
import type { GroupKind } from '../../kubernetes/object.ts';
import { runsBeside } from '../../kubernetes/pod-template.ts';
import { obeys, prometheusesIn, prometheusKinds } from '../../kubernetes/prometheus.ts';
import { readService, serviceKind } from '../../kubernetes/service.ts';
import { servedKinds, unseenKind, workloadsIn } from '../../kubernetes/served-workloads.ts';
import { defineCheck, type Finding } from '../check.ts';

/** What a monitor may select: a Service or a workload, with its labels and the names of its ports. */
interface Target {
  readonly named: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: readonly string[];
}

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
    yield* judgeTargets(monitor, view);
    if (unseenKind(prometheusKinds, view) === undefined) yield* judgeObedience(monitor, view);
  },
  unknown: ({ object, namespace }, _params, view) =>
    unseenKind([...neededFor(readMonitor(object, namespace)), ...prometheusKinds], view),
});

function neededFor({ targets, reach }: Monitor): readonly GroupKind[] {
  const kinds = targets === 'services' ? [serviceKind] : servedKinds;
  return reach === 'any' ? ['core/Namespace', ...kinds] : kinds;
}

function* judgeTargets(monitor: Monitor, view: ClusterView): Iterable<Finding> {
  const known = unseenKind(neededFor(monitor), view) === undefined;
  const selected = [...targetsIn(monitor, view)].filter(({ labels }) => monitor.selects(labels) !== 'no');
  const within = selected.filter(({ namespace }) => reaches(monitor, namespace));
  if (within.length === 0) {
    if (known) yield describeNothing(monitor, selected[0]);
    return;
  }
  if (!known) return;
  for (const [index, endpoint] of monitor.endpoints.entries()) {
    const port = text(endpoint['port']);
    if (port === undefined || within.some(({ ports }) => ports.includes(port))) continue;
    yield describePort(monitor, index, port, within[0] as Target);
  }
}

function* targetsIn({ targets, namespace, reach }: Monitor, view: ClusterView): Iterable<Target> {
  const named = new Set(reach === 'any' ? [] : reach);
  if (targets === 'services') {
    for (const one of named) for (const object of view.list(serviceKind, one)) yield targetOf(object, one);
    for (const object of view.all(serviceKind)) {
      const where = object.metadata.namespace ?? 'default';
      if (!named.has(where)) yield targetOf(object, where);
    }
    return;
  }
  for (const { metadata } of view.list('core/Namespace')) named.add(metadata.name ?? '');
  named.add(namespace ?? 'default');
  for (const one of named) {
    for (const { groupKind, name, template } of workloadsIn(one, view)) {
      const ports = template.containers.filter(runsBeside).flatMap((one) => one.ports);
      yield {
        named: `${groupKind.slice(groupKind.indexOf('/') + 1)} ${name}`,
        namespace: one,
        labels: template.labels,
        ports: ports.flatMap((port) => port.name ?? []),
      };
    }
  }
}

function targetOf(object: Parameters<typeof readService>[0], namespace: string): Target {
  const { name, ports } = readService(object);
  return {
    named: `Service ${name}`,
    namespace,
    labels: object.metadata.labels ?? {},
    ports: ports.flatMap((port) => port.name ?? []),
  };
}

function describeNothing(monitor: Monitor, elsewhere: Target | undefined): Finding {
  const where = monitor.reach === 'any' ? 'any namespace' : `namespace ${monitor.reach.join(', ')}`;
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
        ? 'Select labels that stand on the Service itself, not those of its pods:\nkubectl get services --show-labels'
        : 'Select labels of the pod template:\nkubectl get pods --show-labels',
  };
}

function describePort({ targets }: Monitor, index: number, port: string, { named, ports }: Target): Finding {
  const list = targets === 'services' ? 'endpoints' : 'podMetricsEndpoints';
  const [first] = ports;
  return {
    identity: `port/${port}`,
    path: `/spec/${list}/${index}/port`,
    message: `endpoint port ${JSON.stringify(port)} is the name of no port of ${named}`,
    fix:
      first === undefined
        ? `Give the port of ${named} a name, and use it here:\nports:\n  - name: ${flowYaml(port)}`
        : `Use the name of one of its ports: ${ports.join(', ')}\n${list}:\n  - port: ${flowYaml(first)}`,
    pending: true,
    atMost: 'Warn',
  };
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
