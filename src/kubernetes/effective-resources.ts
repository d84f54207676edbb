import type { V1Container } from '@kubernetes/client-node';
import type { ClusterView, ServerVersion } from './cluster-view.ts';
import { at, type Fields, fields, list } from './fields.ts';
import type { KubernetesObject } from './object.ts';
import type { PodTemplate } from './pod-template.ts';

export type Resource = 'cpu' | 'memory';

export const computeResources: readonly Resource[] = ['cpu', 'memory'];

/** What a container can ask for besides; a pod as a whole cannot. */
export type ContainerResource = Resource | 'ephemeral-storage';

/** What bears on every container of a pod besides its own `resources`. */
export interface PodResources {
  /** The LimitRanges of the namespace that speak of containers. */
  readonly limitRanges: readonly ContainerLimits[];
  /** `spec.resources` of the pod; empty where it is absent or has no effect. */
  readonly podLevel: Fields;
  /** Who ignores the `spec.resources` that is set, as in `Kubernetes 1.31`. */
  readonly podLevelIgnoredBy: string | undefined;
}

/** The `type: Container` item of a LimitRange. */
export interface ContainerLimits {
  readonly limitRange: KubernetesObject;
  readonly item: Fields;
}

const none: readonly ContainerLimits[] = [];

export function readPodResources(
  template: PodTemplate,
  namespace: string | undefined,
  view: ClusterView,
): PodResources {
  const podLevel = template.spec['resources'];
  const podLevelIgnoredBy =
    podLevel === undefined || podLevel === null ? undefined : ignoresPodLevel(template, view.version);
  return {
    limitRanges: containerLimits(namespace, view),
    podLevel: fields(podLevelIgnoredBy === undefined ? podLevel : undefined),
    podLevelIgnoredBy,
  };
}

/**
 * The request that a container will have once the API server has made a Pod of its template, as written somewhere;
 * undefined where nothing gives one. It falls back to the limit, but not past a 0 that stands there. On an admitted Pod
 * all this has happened already, and changes nothing here. Source: SetDefaults_Pod, then the LimitRanger plugin.
 */
export function effectiveRequest(
  { resources }: Partial<V1Container>,
  resource: ContainerResource,
  { limitRanges }: PodResources,
): unknown {
  const written = resources?.requests?.[resource];
  if (written !== undefined) return written;
  const limit = resources?.limits?.[resource];
  if (limit !== undefined) return limit;
  for (const { item } of limitRanges) {
    const value = defaultRequest(item, resource);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The limit, likewise. */
export function effectiveLimit(
  { resources }: Partial<V1Container>,
  resource: ContainerResource,
  { limitRanges }: PodResources,
): unknown {
  const written = resources?.limits?.[resource];
  if (written !== undefined) return written;
  for (const { item } of limitRanges) {
    const value = defaultLimit(item, resource);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The request of the pod as a whole; like a container's it falls back to the limit. Source: KEP-2837. */
export function podLevelRequest({ podLevel }: PodResources, resource: Resource): unknown {
  return at(podLevel, 'requests', resource) ?? at(podLevel, 'limits', resource);
}

export function podLevelLimit({ podLevel }: PodResources, resource: Resource): unknown {
  return at(podLevel, 'limits', resource);
}

/** What the item gives a container without a request. Source: SetDefaults_LimitRangeItem, which files have not been through. */
export function defaultRequest(item: Fields, resource: ContainerResource): unknown {
  return at(item, 'defaultRequest', resource) ?? defaultLimit(item, resource) ?? at(item, 'min', resource);
}

export function defaultLimit(item: Fields, resource: ContainerResource): unknown {
  return at(item, 'default', resource) ?? at(item, 'max', resource);
}

/** A Windows pod knows neither pod-level resources nor resizing. */
export function isWindows({ spec }: PodTemplate): boolean {
  return at(spec, 'os', 'name') === 'windows' || at(spec, 'nodeSelector', 'kubernetes.io/os') === 'windows';
}

/** On by default from 1.34; a server that is not known is taken for a current one. */
function ignoresPodLevel(template: PodTemplate, version: ServerVersion | undefined): string | undefined {
  if (isWindows(template)) return 'Windows nodes';
  if (version === undefined || version.major > 1 || version.minor >= 34) return undefined;
  return `Kubernetes ${version.major}.${version.minor}`;
}

function containerLimits(namespace: string | undefined, view: ClusterView): readonly ContainerLimits[] {
  let found: ContainerLimits[] | undefined;
  for (const limitRange of view.list('core/LimitRange', namespace)) {
    for (const item of list(at(limitRange, 'spec', 'limits')).map(fields)) {
      if (item['type'] === 'Container') (found ??= []).push({ limitRange, item });
    }
  }
  return found ?? none;
}
