import type { Resource } from './effective-resources.ts';
import { at, type Fields, fields, list, own, text } from './fields.ts';
import { pointerTo } from './json-pointer.ts';
import { annotationOf, groupKindOf, type KubernetesObject } from './object.ts';

/** One thing that an autoscaler looks at. */
export interface AutoscalerMetric {
  /** Where it stands; `/spec` for the default of an autoscaler that names none. */
  readonly pointer: string;
  /** `Resource` and `ContainerResource` come from the pods' own use, the others from an adapter. */
  readonly type: string;
  /** Of the first two. */
  readonly resource: Resource | undefined;
  /** Of a ContainerResource. */
  readonly container: string | undefined;
  /** In per cent of what the pods request; undefined for a target in absolute numbers. */
  readonly utilization: number | undefined;
}

/** The metrics of a HorizontalPodAutoscaler of any version, or the resource triggers of a ScaledObject. */
export function metricsOf(autoscaler: KubernetesObject): readonly AutoscalerMetric[] {
  if (groupKindOf(autoscaler) === 'keda.sh/ScaledObject') return triggersOf(autoscaler);
  const written = at(autoscaler, 'spec', 'metrics');
  if (Array.isArray(written) && written.length > 0) {
    return written.map((metric, index) => readMetric(fields(metric), pointerTo('/spec/metrics', index)));
  }
  const ofV1 = at(autoscaler, 'spec', 'targetCPUUtilizationPercentage');
  if (typeof ofV1 === 'number') return [cpu('/spec/targetCPUUtilizationPercentage', ofV1)];
  // What v1 has no field for travels in an annotation.
  if (annotationOf(autoscaler, 'autoscaling.alpha.kubernetes.io/metrics') !== undefined) return [];
  return [cpu('/spec', 80)];
}

/** A HorizontalPodAutoscaler without metrics scales by this: cpu at 80 % of the requests. Source: autoscaling/v2 defaults. */
export function isDefaultMetric({ pointer }: AutoscalerMetric): boolean {
  return pointer === '/spec';
}

function cpu(pointer: string, utilization: number): AutoscalerMetric {
  return { pointer, type: 'Resource', resource: 'cpu', container: undefined, utilization };
}

function readMetric(metric: Fields, pointer: string): AutoscalerMetric {
  const type = text(metric['type']) ?? '';
  const source = fields(metric[`${type.slice(0, 1).toLowerCase()}${type.slice(1)}`]);
  // The last one is autoscaling/v2beta1.
  const percent = at(source, 'target', 'averageUtilization') ?? source['targetAverageUtilization'];
  return {
    pointer,
    type,
    resource: type === 'Resource' || type === 'ContainerResource' ? resourceOf(source['name']) : undefined,
    container: type === 'ContainerResource' ? text(source['container']) : undefined,
    utilization: typeof percent === 'number' ? percent : undefined,
  };
}

/** Only cpu and memory: KEDA makes an HPA of these triggers, and one with an adapter's metrics of the others. */
function triggersOf(scaledObject: KubernetesObject): readonly AutoscalerMetric[] {
  return list(at(scaledObject, 'spec', 'triggers')).map((trigger, index): AutoscalerMetric => {
    const { type, metricType, metadata } = fields(trigger);
    const resource = resourceOf(type);
    const container = resource && text(own(metadata, 'containerName'));
    const kind = metricType ?? own(metadata, 'type') ?? 'Utilization';
    const value = Number(own(metadata, 'value'));
    return {
      pointer: pointerTo('/spec/triggers', index),
      type: resource === undefined ? 'External' : container === undefined ? 'Resource' : 'ContainerResource',
      resource,
      container,
      utilization: resource !== undefined && kind === 'Utilization' && Number.isFinite(value) ? value : undefined,
    };
  });
}

function resourceOf(name: unknown): Resource | undefined {
  return name === 'cpu' || name === 'memory' ? name : undefined;
}
