import { type ContainerPort, targetedPort } from '../../kubernetes/container-ports.ts';
import { isFields, list } from '../../kubernetes/fields.ts';
import type { Match } from '../../kubernetes/label-selector.ts';
import { type PodContainer, type PodTemplate, runsBeside } from '../../kubernetes/pod-template.ts';
import type { Service, ServicePort } from '../../kubernetes/service.ts';

/** A container that gets requests although nobody asks whether it can answer them. */
export interface ReadinessGap {
  readonly one: PodContainer;
  /** The Service that sends them; undefined where there is none yet. */
  readonly service: Service | undefined;
  readonly port: ContainerPort | undefined;
  /** Whether it is any container of the pod, since none declares the port. */
  readonly isAny: boolean;
  /** Whether this Service, as it stands, certainly reaches this container before it is ready. */
  readonly proven: boolean;
}

/** Names and numbers of ports that nobody but a monitoring system asks. */
export type MetricsPorts = readonly (string | number)[];

/** The gaps of a template behind a Service that selects it, one for each container at most. */
export function gapsBehind(
  template: PodTemplate,
  service: Service,
  match: Match,
  metricsPorts: MetricsPorts,
): readonly ReadinessGap[] {
  const gaps = new Map<string, ReadinessGap>();
  // A headless Service may have no ports at all: it hands out addresses, and any port may be meant.
  for (const port of service.ports.length > 0 ? service.ports : [undefined]) {
    const gap = gapAt(port, template, service, metricsPorts);
    if (gap === undefined) continue;
    const found = { ...gap, proven: gap.proven && match === 'yes' && !hasGates(template) };
    if (!gaps.get(gap.one.name)?.proven) gaps.set(gap.one.name, found);
  }
  return [...gaps.values()];
}

/** Whether any of its requests get to the pods: to a name that no container declares they do not. */
export function reachesPods({ ports }: Service, { containers }: PodTemplate): boolean {
  return (
    ports.length === 0 ||
    ports.some(
      (port) =>
        typeof port.targetPort !== 'string' ||
        containers.some((one) => runsBeside(one) && targetedPort(one, port) !== undefined),
    )
  );
}

/** Main containers that say on which ports they serve, whether or not a Service sends anything there yet. */
export function gapsWithoutService({ containers }: PodTemplate, metricsPorts: MetricsPorts): readonly ReadinessGap[] {
  const gaps: ReadinessGap[] = [];
  for (const one of containers) {
    if (one.class !== 'main' || isProbed(one)) continue;
    const port = one.ports.find(
      ({ name, number }) => !metricsPorts.includes(name ?? '') && !metricsPorts.includes(number),
    );
    if (port !== undefined) gaps.push({ one, service: undefined, port, isAny: false, proven: false });
  }
  return gaps;
}

/** Main containers that nobody can ask whether they work, requests or none. */
export function gapsAnywhere({ containers }: PodTemplate): readonly ReadinessGap[] {
  return containers
    .filter((one) => one.class === 'main' && !isProbed(one))
    .map((one) => ({ one, service: undefined, port: undefined, isAny: false, proven: true }));
}

export function isProbed({ container }: PodContainer): boolean {
  return isFields(container.readinessProbe);
}

function gapAt(
  target: ServicePort | undefined,
  { containers }: PodTemplate,
  service: Service,
  metricsPorts: MetricsPorts,
): ReadinessGap | undefined {
  const running = containers.filter(runsBeside);
  const owners = running.filter((one) => target !== undefined && targetedPort(one, target) !== undefined);
  // Declaring a port is optional. A name that nobody declares gets no endpoint, and so no requests.
  const candidates = owners.length > 0 || typeof target?.targetPort === 'string' ? owners : running;
  const [one] = candidates;
  if (one === undefined || candidates.some(isProbed)) return undefined;
  const port = target && (targetedPort(one, target) ?? portOf(target));
  if (isMetrics([target?.name, port?.name], metricsPorts)) return undefined;
  // A startupProbe holds the pod back until it has succeeded once, and so, in part, does each other container that is probed.
  const isSure =
    owners.length <= 1 &&
    !running.some(isProbed) &&
    !candidates.some(({ container }) => isFields(container.startupProbe));
  const isAny = owners.length === 0 && running.length > 1;
  return { one, service, port, isAny, proven: isSure && !isForMetrics(service, port, metricsPorts) };
}

function portOf({ name, targetPort, protocol }: ServicePort): ContainerPort | undefined {
  return typeof targetPort === 'number' ? { name, number: targetPort, protocol } : undefined;
}

function isMetrics(names: readonly unknown[], metricsPorts: MetricsPorts): boolean {
  return names.some((name) => metricsPorts.some((one) => one === name));
}

/** Whether perhaps only a monitoring system asks there: the number of a metrics port may be an application's, and a name is only a name. */
function isForMetrics({ name }: Service, port: ContainerPort | undefined, metricsPorts: MetricsPorts): boolean {
  return isMetrics([port?.number], metricsPorts) || name.includes('metrics');
}

/** Something else has a say in when the pod is ready, such as the health check of a load balancer. */
function hasGates({ spec }: PodTemplate): boolean {
  return list(spec['readinessGates']).length > 0;
}
