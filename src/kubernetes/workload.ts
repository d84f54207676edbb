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
  /** `spec.selector` as a LabelSelector. */
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

/**
 * Custom resources that keep a number of pods of one template, as a Deployment does: of Argo Rollouts, OpenKruise and OpenShift.
 * All three name the fields as a Deployment does. Sources: argoproj.io/v1alpha1, apps.kruise.io/v1alpha1, apps.openshift.io/v1.
 */
export const customWorkloadKinds: readonly GroupKind[] = [
  'argoproj.io/Rollout',
  'apps.kruise.io/CloneSet',
  'apps.openshift.io/DeploymentConfig',
];

/** The kinds that keep a number of pods, for good. */
export const replicatedKinds: readonly GroupKind[] = ['apps/Deployment', 'apps/StatefulSet', ...customWorkloadKinds];

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
  ...customWorkloadKinds.map((kind) => [kind, shape('spec', 'spec', 'template')] as const),
]);

/** The kinds that carry a pod template: the eight of the API itself, and custom ones. */
export const workloadKinds: readonly GroupKind[] = [...templatePaths.keys()];

/** The kinds whose selector is a plain map of labels, as it was before there were LabelSelectors. */
const mapSelected: ReadonlySet<GroupKind> = new Set([
  'core/ReplicationController',
  'apps.openshift.io/DeploymentConfig',
]);

/** @returns undefined for an object that carries no pod template: a Rollout may take that of a Deployment (`workloadRef`) */
export function readWorkload(object: KubernetesObject, namespace = object.metadata.namespace): Workload | undefined {
  const groupKind = groupKindOf(object);
  const carried = templatePaths.get(groupKind);
  if (carried === undefined) return undefined;
  const spec = fields(object['spec']);
  if (spec['template'] === undefined && customWorkloadKinds.includes(groupKind)) return undefined;
  const template = readPodTemplate(at(object, ...carried.path), carried.pointer);
  return {
    groupKind,
    name: object.metadata.name ?? object.metadata.generateName ?? '',
    namespace,
    replicas: readReplicas(carried.replicas, spec),
    // Where one of these has none it goes by the labels of its template.
    selector: mapSelected.has(groupKind) ? { matchLabels: spec['selector'] ?? template.labels } : spec['selector'],
    template,
    controller: controllerOf(object),
  };
}

function readReplicas(rule: Shape['replicas'], spec: Fields): number | undefined {
  if (rule === 'none') return undefined;
  const written = spec['replicas'];
  return rule === 'spec' && typeof written === 'number' ? written : 1;
}
