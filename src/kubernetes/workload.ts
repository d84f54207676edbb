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

interface Shape {
  /** JSON Pointer to the template, and the keys in it. */
  readonly pointer: string;
  readonly path: readonly string[];
  readonly replicas: 'spec' | 'one' | 'none';
}

const scaled = { pointer: '/spec/template', path: ['spec', 'template'] };
const templatePaths: ReadonlyMap<GroupKind, Shape> = new Map([
  ['core/Pod', { pointer: '', path: [], replicas: 'one' }],
  ['core/ReplicationController', { ...scaled, replicas: 'spec' }],
  ['apps/Deployment', { ...scaled, replicas: 'spec' }],
  ['apps/StatefulSet', { ...scaled, replicas: 'spec' }],
  ['apps/ReplicaSet', { ...scaled, replicas: 'spec' }],
  ['apps/DaemonSet', { ...scaled, replicas: 'none' }],
  ['batch/Job', { ...scaled, replicas: 'none' }],
  [
    'batch/CronJob',
    { pointer: '/spec/jobTemplate/spec/template', path: ['spec', 'jobTemplate', 'spec', 'template'], replicas: 'none' },
  ],
] as const);

/** The kinds that carry a pod template, the first eight of the API itself. */
export const workloadKinds: readonly GroupKind[] = [...templatePaths.keys()];

/** @returns undefined for an object that carries no pod template */
export function readWorkload(object: KubernetesObject, namespace = object.metadata.namespace): Workload | undefined {
  const groupKind = groupKindOf(object);
  const shape = templatePaths.get(groupKind);
  if (shape === undefined) return undefined;
  const spec = fields(object['spec']);
  return {
    groupKind,
    name: object.metadata.name ?? object.metadata.generateName ?? '',
    namespace,
    replicas: readReplicas(shape.replicas, spec),
    selector: spec['selector'],
    template: readPodTemplate(at(object, ...shape.path), shape.pointer),
    controller: controllerOf(object),
  };
}

function readReplicas(rule: 'spec' | 'one' | 'none', spec: Fields): number | undefined {
  if (rule === 'none') return undefined;
  const written = spec['replicas'];
  return rule === 'spec' && typeof written === 'number' ? written : 1;
}
