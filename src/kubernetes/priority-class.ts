import type { ClusterView } from './cluster-view.ts';
import { text } from './fields.ts';
import type { GroupKind, KubernetesObject } from './object.ts';

export const priorityClassKind: GroupKind = 'scheduling.k8s.io/PriorityClass';

/** What a pod gets by naming the class. */
export interface PriorityClass {
  readonly name: string;
  readonly value: number;
  readonly globalDefault: boolean;
  /** `Never`: its pods wait for room instead of taking it from others. */
  readonly preemptionPolicy: string;
}

/** The API server brings them along, above everything that anyone may define. Source: scheduling/v1 types. */
export const systemClasses: ReadonlyMap<string, number> = new Map([
  ['system-cluster-critical', 2_000_000_000],
  ['system-node-critical', 2_000_001_000],
]);

/** The highest value that a class of one's own may have. */
export const highestUserValue = 1_000_000_000;

/** `value` may be left out, and is 0 then; API defaulting fills in the rest. */
export function readPriorityClass(object: KubernetesObject): PriorityClass {
  const { value, globalDefault, preemptionPolicy, metadata } = object;
  return {
    name: metadata.name ?? '',
    value: typeof value === 'number' ? value : 0,
    globalDefault: globalDefault === true,
    preemptionPolicy: text(preemptionPolicy) ?? 'PreemptLowerPriority',
  };
}

/** @returns undefined for a class that the view does not hold; those of the system are always there */
export function findPriorityClass(name: string, view: ClusterView): PriorityClass | undefined {
  const object = view.get(priorityClassKind, undefined, name);
  if (object !== undefined) return readPriorityClass(object);
  const value = systemClasses.get(name);
  return value === undefined
    ? undefined
    : { name, value, globalDefault: false, preemptionPolicy: 'PreemptLowerPriority' };
}

/** The class of pods that name none: of several defaults the API server takes the lowest. Source: the Priority plugin. */
export function defaultPriorityClass(view: ClusterView): PriorityClass | undefined {
  let lowest: PriorityClass | undefined;
  for (const object of view.list(priorityClassKind)) {
    const one = readPriorityClass(object);
    if (one.globalDefault && (lowest === undefined || one.value < lowest.value)) lowest = one;
  }
  return lowest;
}

/** Names of the classes that someone has made for this cluster, the highest first. */
export function ownPriorityClasses(view: ClusterView): readonly string[] {
  return [...view.list(priorityClassKind)]
    .map(readPriorityClass)
    .filter(({ name }) => !systemClasses.has(name))
    .toSorted((a, b) => b.value - a.value)
    .map(({ name }) => name);
}
