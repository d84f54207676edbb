import { fields, list, text } from './fields.ts';
import type { ServicePort } from './service.ts';

/** One entry of a container's `ports`. Declaring a port is optional: what is not declared may be listened on all the same. */
export interface ContainerPort {
  readonly name: string | undefined;
  readonly number: number;
  /** `TCP` where it says nothing. */
  readonly protocol: string;
}

const none: readonly ContainerPort[] = [];

/** @param ports as a container has them */
export function readPorts(ports: unknown): readonly ContainerPort[] {
  const written = list(ports);
  return written.length === 0 ? none : written.map(readPort);
}

/**
 * The container's port to which a port of a Service leads: by name or number, and of the same protocol.
 * Source: pkg/api/v1/pod FindPort.
 */
export function targetedPort(
  { ports }: { readonly ports: readonly ContainerPort[] },
  { targetPort, protocol }: ServicePort,
): ContainerPort | undefined {
  return ports.find((port) => port.protocol === protocol && (port.name === targetPort || port.number === targetPort));
}

function readPort(port: unknown): ContainerPort {
  const { name, containerPort, protocol } = fields(port);
  return {
    name: text(name) || undefined,
    number: typeof containerPort === 'number' ? containerPort : Number.NaN,
    protocol: text(protocol) || 'TCP',
  };
}
