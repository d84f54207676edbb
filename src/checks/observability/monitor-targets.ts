import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import type { Fields } from '../../kubernetes/fields.ts';
import { isInMesh } from '../../kubernetes/mesh.ts';
import { type Monitor, reaches } from '../../kubernetes/monitor.ts';
import { namedObject } from '../../kubernetes/named-objects.ts';
import { type PodTemplate, runsBeside } from '../../kubernetes/pod-template.ts';
import { servedWorkloads, workloadsIn } from '../../kubernetes/served-workloads.ts';
import { readService, serviceKind } from '../../kubernetes/service.ts';
import { isInjected } from '../../kubernetes/telemetry.ts';

/** What a monitor selects: a Service or a workload, with the names of its ports. */
export interface Target {
  readonly named: string;
  readonly namespace: string;
  readonly ports: readonly string[];
  /** The selector of a Service. */
  readonly selector?: Fields;
  /** The pods of a workload. */
  readonly template?: PodTemplate;
}

/** What its selector fits, in the namespaces that it looks into or in all others. */
export function* targetsOf(monitor: Monitor, where: 'within' | 'elsewhere', view: ClusterView): Iterable<Target> {
  const spaces = where === 'within' && monitor.reach !== 'any' ? monitor.reach : namespacesIn(monitor, view);
  for (const one of spaces) {
    if (reaches(monitor, one) !== (where === 'within')) continue;
    yield* monitor.targets === 'services' ? servicesIn(one, monitor, view) : podsIn(one, monitor, view);
  }
}

/** Files need not hold the Namespaces of what is in them. */
function namespacesIn({ targets, namespace }: Monitor, view: ClusterView): ReadonlySet<string> {
  const found = new Set([namespace ?? 'default']);
  for (const { metadata } of view.list('core/Namespace')) found.add(metadata.name ?? '');
  if (targets === 'services')
    for (const { metadata } of view.all(serviceKind)) found.add(metadata.namespace ?? 'default');
  return found;
}

function* servicesIn(namespace: string, { selects }: Monitor, view: ClusterView): Iterable<Target> {
  for (const object of view.list(serviceKind, namespace)) {
    const labels = object.metadata.labels ?? {};
    if (selects(labels) === 'no') continue;
    const { name, ports, selector } = readService(object);
    yield { named: `Service ${name}`, namespace, ports: ports.flatMap((port) => port.name ?? []), selector };
  }
}

function* podsIn(namespace: string, { selects }: Monitor, view: ClusterView): Iterable<Target> {
  for (const workload of workloadsIn(namespace, view)) {
    const { template } = workload;
    if (selects(template.labels) === 'no') continue;
    const ports = template.containers.filter(runsBeside).flatMap((one) => one.ports);
    yield { named: namedObject(workload), namespace, ports: ports.flatMap(({ name }) => name ?? []), template };
  }
}

/** Whether it has a port of that name, or its pods may get one with a sidecar that is injected. */
export function hasPort(target: Target, name: string, view: ClusterView): boolean {
  if (target.ports.includes(name)) return true;
  return target.template !== undefined && isInjectedInto(target.template, target, view);
}

/** Whether pods of it may declare that container port; those of which nothing is known may. */
export function mayTarget(target: Target, port: string | number, view: ClusterView): boolean {
  const templates = target.template === undefined ? templatesBehind(target, view) : [target.template];
  return (
    templates.length === 0 ||
    templates.some((template) => declares(template, port) || isInjectedInto(template, target, view))
  );
}

function templatesBehind({ selector, namespace }: Target, view: ClusterView): readonly PodTemplate[] {
  return servedWorkloads(selector, namespace, view).map(({ workload }) => workload.template);
}

function declares({ containers }: PodTemplate, port: string | number): boolean {
  return containers
    .filter(runsBeside)
    .some(({ ports }) => ports.some((one) => one.name === port || one.number === port));
}

function isInjectedInto(template: PodTemplate, { namespace }: Target, view: ClusterView): boolean {
  const around = view.get('core/Namespace', undefined, namespace);
  return isInMesh(template, around) || isInjected(template, around);
}
