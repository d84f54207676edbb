import { targetedPort } from '../../kubernetes/container-ports.ts';
import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { namedObject } from '../../kubernetes/named-objects.ts';
import { isHook } from '../../kubernetes/object.ts';
import { runsBeside } from '../../kubernetes/pod-template.ts';
import { probedContainers, type ProbeHandler } from '../../kubernetes/probe.ts';
import type { Service, ServicePort } from '../../kubernetes/service.ts';
import type { Workload } from '../../kubernetes/workload.ts';
import type { Finding } from '../check.ts';

/** Ports that a Service asks for by a name which none of its workloads declares. A number works without being declared. */
export function* undeclaredPorts(service: Service, workloads: readonly Workload[]): Iterable<Finding> {
  for (const [index, port] of service.ports.entries()) {
    if (typeof port.targetPort !== 'string' || workloads.some((workload) => declares(workload, port))) continue;
    const [first] = workloads;
    const who =
      workloads.length === 1 && first !== undefined ? namedObject(first) : `its ${workloads.length} workloads`;
    yield {
      identity: `port/${port.targetPort}`,
      path: `/spec/ports/${index}/targetPort`,
      message: `no container of ${who} declares targetPort "${port.targetPort}"`,
      why: 'the pods become endpoints without that port, and requests to it are refused',
      fix: adviseTarget(port, workloads),
    };
  }
}

/**
 * Workloads that the Service selects besides the one it is for: another one declares the number that it sends requests to, and
 * they other ports. Pods without a port of that name get no requests for it, and a name without an address sends none.
 */
export function* strayWorkloads(service: Service, selected: readonly Workload[], view: ClusterView): Iterable<Finding> {
  if (selected.length < 2 || service.isHeadless) return;
  const workloads = selected.filter((one) => !isHookOf(one, view));
  for (const workload of workloads) {
    const port = service.ports.find((one) => isStray(workload, one) && workloads.some((other) => declares(other, one)));
    const meant = port && workloads.find((other) => declares(other, port));
    if (port === undefined || meant === undefined) continue;
    yield {
      identity: `stray/${namedObject(workload).replace(' ', '/')}`,
      path: '/spec/selector',
      message: `also selects ${namedObject(workload)}, which does not declare port ${String(port.targetPort)}`,
      why: `a share of the requests for ${namedObject(meant)} goes to pods that do not answer them`,
      fix: `Add to the selector a label that only the pods of ${namedObject(meant)} carry, or declare the port`,
      severity: 'medium',
    };
  }
}

/** Ports need not be declared: one that declares none, or is asked at that one whether it is ready, may well serve there. A Job does not. */
function isStray(workload: Workload, port: ServicePort): boolean {
  const { groupKind, template } = workload;
  if (typeof port.targetPort !== 'number' || declares(workload, port)) return false;
  const declaresOthers = template.containers.some((one) => runsBeside(one) && one.ports.length > 0);
  if (!declaresOthers && groupKind !== 'batch/Job' && groupKind !== 'batch/CronJob') return false;
  return !probedContainers(template).some(({ readiness }) => asksAt(readiness?.handler, port.targetPort));
}

function asksAt(handler: ProbeHandler | undefined, port: unknown): boolean {
  return handler !== undefined && 'port' in handler && handler.port === port;
}

/** It is gone before the release is done. */
function isHookOf({ groupKind, namespace, name }: Workload, view: ClusterView): boolean {
  const object = view.get(groupKind, namespace, name);
  return object !== undefined && isHook(object);
}

function declares({ template }: Workload, port: ServicePort): boolean {
  return template.containers.some((one) => runsBeside(one) && targetedPort(one, port) !== undefined);
}

function adviseTarget({ protocol }: ServicePort, workloads: readonly Workload[]): string {
  const declared = workloads
    .flatMap(({ template }) => template.containers)
    .filter(runsBeside)
    .flatMap(({ ports }) => ports)
    .filter((port) => port.protocol === protocol);
  const [one] = declared;
  if (one === undefined) return 'Write the number of the port, or declare it under that name in the container';
  const names = new Set(declared.map(({ name, number }) => name ?? number));
  return `Write a port that the pods declare (${[...names].join(', ').slice(0, 60)}):\ntargetPort: ${one.name ?? one.number}`;
}
