import { at, type Fields, fields } from './fields.ts';
import { controllerOf, type GroupKind, groupKindOf, type KubernetesObject, type OwnerReference } from './object.ts';
import { type PodTemplate, readPodTemplate } from './pod-template.ts';

/** Whatever carries a pod template. */
export interface Workload {
  readonly groupKind: GroupKind;
  readonly name: string;
  readonly namespace: string | undefined;
  /** `spec.replicas ?? 1`; undefined for kinds that are not scaled by a number: Pod counts as 1, DaemonSet, Job and CronJob have none. */
  readonly replicas: number | undefined;
  /** `spec.selector` as written. */
  readonly selector: unknown;
  readonly template: PodTemplate;
  readonly controller: OwnerReference | undefined;
}

/** Where a kind has its template, and what says how many pods are made of it. */
interface Shape {
  readonly path: readonly string[];
  /** The path as a JSON Pointer. */
  readonly pointer: string;
  readonly replicas: 'spec' | 'one' | 'none';
}

function shape(replicas: Shape['replicas'], ...path: readonly string[]): Shape {
  return { path, pointer: path.map((key) => `/${key}`).join(''), replicas };
}

const templatePaths: ReadonlyMap<GroupKind, Shape> = new Map<GroupKind, Shape>([
  ['core/Pod', shape('one')],
  ['core/ReplicationController', shape('spec', 'spec', 'template')],
  ['apps/Deployment', shape('spec', 'spec', 'template')],
  ['apps/StatefulSet', shape('spec', 'spec', 'template')],
  ['apps/ReplicaSet', shape('spec', 'spec', 'template')],
  ['apps/DaemonSet', shape('none', 'spec', 'template')],
  ['batch/Job', shape('none', 'spec', 'template')],
  ['batch/CronJob', shape('none', 'spec', 'jobTemplate', 'spec', 'template')],
]);

/** The kinds that carry a pod template, the first eight of the API itself. */
export const workloadKinds: readonly GroupKind[] = [...templatePaths.keys()];

/** @returns undefined for an object that carries no pod template */
export function readWorkload(object: KubernetesObject, namespace = object.metadata.namespace): Workload | undefined {
  const groupKind = groupKindOf(object);
  const carried = templatePaths.get(groupKind);
  if (carried === undefined) return undefined;
  const spec = fields(object['spec']);
  return {
    groupKind,
    name: object.metadata.name ?? object.metadata.generateName ?? '',
    namespace,
    replicas: readReplicas(carried.replicas, spec),
    selector: spec['selector'],
    template: readPodTemplate(at(object, ...carried.path), carried.pointer),
    controller: controllerOf(object),
  };
}

function readReplicas(rule: Shape['replicas'], spec: Fields): number | undefined {
  if (rule === 'none') return undefined;
  const written = spec['replicas'];
  return rule === 'spec' && typeof written === 'number' ? written : 1;
}
