import type { V1Container } from '@kubernetes/client-node';
import type { ContainerPort } from './container-ports.ts';
import { type Fields, fields, isFields, list, text } from './fields.ts';
import { sameJson } from './json-patch.ts';
import { type PodContainer, type PodTemplate, runsBeside } from './pod-template.ts';
import { rememberLast } from './remember-last.ts';

export type ProbeField = 'startupProbe' | 'livenessProbe' | 'readinessProbe';

/** A probe with what API defaulting fills in; times in seconds. */
export interface Probe {
  readonly field: ProbeField;
  readonly handler: ProbeHandler;
  readonly initialDelay: number;
  readonly period: number;
  readonly timeout: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
  /** Its own, which overrides the pod's; undefined where it has none. */
  readonly gracePeriod: number | undefined;
}

/** What the kubelet does to ask. A port is a number or the name of one of the container's ports. */
export type ProbeHandler =
  | HttpGet
  | { readonly type: 'tcpSocket'; readonly port: unknown; readonly host: string }
  | { readonly type: 'grpc'; readonly port: unknown; readonly service: string }
  | { readonly type: 'exec'; readonly command: readonly unknown[] }
  | { readonly type: 'none' };

interface HttpGet {
  readonly type: 'httpGet';
  readonly port: unknown;
  readonly path: string;
  readonly scheme: string;
  readonly host: string;
  readonly headers: readonly unknown[];
}

export interface ContainerProbes {
  readonly one: PodContainer;
  readonly startup: Probe | undefined;
  readonly liveness: Probe | undefined;
  readonly readiness: Probe | undefined;
  /** Those of the three that there are. */
  readonly probes: readonly Probe[];
}

/** The probes of each container that has some; init containers cannot have any, unless they run beside the main ones. */
export const probedContainers = rememberLast(({ containers }: PodTemplate): readonly ContainerProbes[] => {
  const probed: ContainerProbes[] = [];
  for (const one of containers) {
    if (!runsBeside(one)) continue;
    const startup = readProbe(one.container, 'startupProbe');
    const liveness = readProbe(one.container, 'livenessProbe');
    const readiness = readProbe(one.container, 'readinessProbe');
    const probes = [startup, liveness, readiness].filter((probe) => probe !== undefined);
    if (probes.length > 0) probed.push({ one, startup, liveness, readiness, probes });
  }
  return probed;
});

/** @returns undefined where the container has no such probe */
export function readProbe(container: Partial<V1Container>, field: ProbeField): Probe | undefined {
  const written: unknown = container[field];
  if (!isFields(written)) return undefined;
  return {
    field,
    handler: readHandler(written),
    initialDelay: count(written['initialDelaySeconds'], 0),
    period: count(written['periodSeconds'], 10),
    timeout: count(written['timeoutSeconds'], 1),
    successThreshold: count(written['successThreshold'], 1),
    failureThreshold: count(written['failureThreshold'], 3),
    gracePeriod: count(written['terminationGracePeriodSeconds'], 0) || undefined,
  };
}

/** How long a container that has stopped answering goes unnoticed at most, in seconds. */
export function detectionTime({ period, failureThreshold }: Probe): number {
  return period * failureThreshold;
}

/** Whether two probes of a container ask the very same question; ports by number, whatever they are called. */
export function asksTheSame(a: ProbeHandler, b: ProbeHandler, ports: readonly ContainerPort[]): boolean {
  const samePort = (one: unknown, other: unknown): boolean => numberOf(one, ports) === numberOf(other, ports);
  if (a.type === 'httpGet')
    return b.type === 'httpGet' && samePort(a.port, b.port) && a.host === b.host && sameRequest(a, b);
  if (a.type === 'tcpSocket') return b.type === 'tcpSocket' && samePort(a.port, b.port) && a.host === b.host;
  if (a.type === 'grpc') return b.type === 'grpc' && samePort(a.port, b.port) && a.service === b.service;
  return a.type === 'exec' && b.type === 'exec' && sameJson(a.command, b.command);
}

/** `GET /healthz on port 8080`, `the command cat /tmp/ready`. */
export function describeHandler(handler: ProbeHandler): string {
  if (handler.type === 'httpGet') return `GET ${handler.path} on port ${String(handler.port)}`;
  if (handler.type === 'tcpSocket') return `a connection to port ${String(handler.port)}`;
  if (handler.type === 'grpc') return `gRPC health on port ${String(handler.port)}`;
  return handler.type === 'exec' ? `the command ${handler.command.map(String).join(' ').slice(0, 30)}` : 'nothing';
}

/** Source: core/v1 SetDefaults_HTTPGetAction. Of two handlers, which the API server refuses, the first one counts. */
function readHandler(probe: Fields): ProbeHandler {
  const { httpGet, tcpSocket, grpc, exec } = probe;
  if (isFields(httpGet)) {
    return {
      type: 'httpGet',
      port: httpGet['port'],
      path: text(httpGet['path']) || '/',
      scheme: text(httpGet['scheme']) || 'HTTP',
      host: text(httpGet['host']) ?? '',
      headers: list(httpGet['httpHeaders']),
    };
  }
  if (isFields(tcpSocket)) return { type: 'tcpSocket', port: tcpSocket['port'], host: text(tcpSocket['host']) ?? '' };
  if (isFields(grpc)) return { type: 'grpc', port: grpc['port'], service: text(grpc['service']) ?? '' };
  if (isFields(exec)) return { type: 'exec', command: list(exec['command']) };
  return { type: 'none' };
}

/** 0 is a value for none of these but the delay: the API server takes it for a field that is left out. */
function count(value: unknown, otherwise: number): number {
  return typeof value === 'number' && value > 0 ? value : otherwise;
}

/** What stands there may be anything; a name that the container does not declare stays one. */
function numberOf(port: unknown, ports: readonly ContainerPort[]): unknown {
  return typeof port === 'string' ? (ports.find(({ name }) => name === port)?.number ?? port) : port;
}

function sameRequest(a: HttpGet, b: HttpGet): boolean {
  if (a.path !== b.path || a.scheme !== b.scheme || a.headers.length !== b.headers.length) return false;
  return a.headers.length === 0 || sameJson(sortedHeaders(a.headers), sortedHeaders(b.headers));
}

/** Names of headers are the same in upper and lower case, and their order does not matter. */
function sortedHeaders(headers: readonly unknown[]): readonly string[] {
  return headers
    .map((header) => {
      const { name, value } = fields(header);
      return `${String(name).toLowerCase()}: ${String(value)}`;
    })
    .toSorted();
}
