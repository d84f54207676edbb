import type { V1Container } from '@kubernetes/client-node';
import { type ContainerPort, readPorts } from './container-ports.ts';
import { fields, type Fields, isFields, list, own, text } from './fields.ts';

/**
 * `main`: a container; `sidecar`: an init container with `restartPolicy: Always`, which runs beside the main ones
 * (KEP-753); `init`: runs to completion before them; `ephemeral`: added to a running pod by `kubectl debug`.
 */
export type ContainerClass = 'main' | 'sidecar' | 'init' | 'ephemeral';

/** One container of a pod template, and where it stands. */
export interface PodContainer {
  readonly class: ContainerClass;
  readonly name: string;
  /** JSON Pointer to the container in the object that carries the template. */
  readonly pointer: string;
  /** As written: a list in it may be null, a number a string. */
  readonly container: Partial<V1Container>;
  /** Its `ports`. */
  readonly ports: readonly ContainerPort[];
}

/** The pod template in a workload, or the Pod itself. */
export interface PodTemplate {
  /** JSON Pointer to what holds `metadata` and `spec`: `/spec/template`, or empty for a Pod. */
  readonly pointer: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: Fields;
  /** All containers in the order main, init and sidecar, ephemeral; read once. */
  readonly containers: readonly PodContainer[];
}

/** @param value what holds `metadata` and `spec` */
export function readPodTemplate(value: unknown, pointer: string): PodTemplate {
  const spec = fields(own(value, 'spec'));
  const metadata = own(value, 'metadata');
  return {
    pointer,
    labels: fields(own(metadata, 'labels')) as Record<string, string>,
    annotations: fields(own(metadata, 'annotations')) as Record<string, string>,
    spec,
    containers: readContainers(spec, pointer),
  };
}

/** Whether the container lives as long as the pod, so that it may serve and be probed: a main one or a sidecar. */
export function runsBeside(one: PodContainer): boolean {
  return one.class === 'main' || one.class === 'sidecar';
}

function readContainers(spec: Fields, pointer: string): readonly PodContainer[] {
  const found: PodContainer[] = [];
  collect(found, spec, pointer, 'containers', () => 'main');
  collect(found, spec, pointer, 'initContainers', (one) => (one['restartPolicy'] === 'Always' ? 'sidecar' : 'init'));
  collect(found, spec, pointer, 'ephemeralContainers', () => 'ephemeral');
  return found;
}

function collect(
  found: PodContainer[],
  spec: Fields,
  pointer: string,
  field: 'containers' | 'initContainers' | 'ephemeralContainers',
  classOf: (container: Fields) => ContainerClass,
): void {
  list(spec[field]).forEach((container, index) => {
    if (!isFields(container)) return;
    found.push({
      class: classOf(container),
      name: text(container['name']) ?? `#${index}`,
      pointer: `${pointer}/spec/${field}/${index}`,
      container,
      ports: readPorts(container['ports']),
    });
  });
}
