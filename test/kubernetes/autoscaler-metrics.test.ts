import { expect, test } from 'vitest';
import { isDefaultMetric, metricsOf } from '../../src/kubernetes/autoscaler-metrics.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';

function hpa(spec: object, version = 'v2', annotations: Record<string, string> = {}): KubernetesObject {
  const metadata = { name: 'checkout', annotations };
  return { apiVersion: `autoscaling/${version}`, kind: 'HorizontalPodAutoscaler', metadata, spec };
}

function scaledObject(...triggers: object[]): KubernetesObject {
  return { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', metadata: { name: 'checkout' }, spec: { triggers } };
}

const utilization = { type: 'Utilization', averageUtilization: 70 };

/** `resource/container at utilization`, or the type. */
test.each<[string, KubernetesObject, string[]]>([
  [
    'a resource',
    hpa({ metrics: [{ type: 'Resource', resource: { name: 'memory', target: utilization } }] }),
    ['memory at 70'],
  ],
  [
    'of one container',
    hpa({
      metrics: [
        { type: 'ContainerResource', containerResource: { name: 'cpu', container: 'app', target: utilization } },
      ],
    }),
    ['cpu/app at 70'],
  ],
  [
    'an amount',
    hpa({
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '2' } } }],
    }),
    ['cpu'],
  ],
  [
    'another resource',
    hpa({ metrics: [{ type: 'Resource', resource: { name: 'nvidia.com/gpu', target: utilization } }] }),
    ['Resource at 70'],
  ],
  [
    'of an adapter',
    hpa({
      metrics: [{ type: 'External', external: { metric: { name: 'queue' }, target: { type: 'Value', value: '3' } } }],
    }),
    ['External'],
  ],
  [
    'as v2beta1 writes it',
    hpa({ metrics: [{ type: 'Resource', resource: { name: 'cpu', targetAverageUtilization: 60 } }] }, 'v2beta1'),
    ['cpu at 60'],
  ],
  ['as v1 writes it', hpa({ targetCPUUtilizationPercentage: 50 }, 'v1'), ['cpu at 50']],
  ['none', hpa({}), ['cpu at 80, by default']],
  ['none that v1 could show', hpa({}, 'v1', { 'autoscaling.alpha.kubernetes.io/metrics': '[]' }), []],
  [
    'triggers of KEDA',
    scaledObject({ type: 'cpu', metadata: { value: '60' } }, { type: 'cron', metadata: {} }),
    ['cpu at 60', 'External'],
  ],
  [
    'a trigger by amount',
    scaledObject({ type: 'memory', metricType: 'AverageValue', metadata: { value: '100Mi' } }),
    ['memory'],
  ],
  [
    'a trigger as it was once written',
    scaledObject({ type: 'cpu', metadata: { type: 'AverageValue', value: '60' } }),
    ['cpu'],
  ],
  [
    'a trigger of one container',
    scaledObject({ type: 'cpu', metricType: 'Utilization', metadata: { value: '60', containerName: 'app' } }),
    ['cpu/app at 60'],
  ],
])('%s', (_case, autoscaler, expected) => {
  const shown = metricsOf(autoscaler).map((one) => {
    const what =
      one.resource === undefined
        ? one.type
        : one.container === undefined
          ? one.resource
          : `${one.resource}/${one.container}`;
    return (
      what +
      (one.utilization === undefined ? '' : ` at ${one.utilization}`) +
      (isDefaultMetric(one) ? ', by default' : '')
    );
  });
  expect(shown).toEqual(expected);
});
