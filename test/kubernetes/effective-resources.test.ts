import { describe, expect, test } from 'vitest';
import {
  effectiveLimit,
  effectiveRequest,
  podLevelLimit,
  podLevelRequest,
  readPodResources,
} from '../../src/kubernetes/effective-resources.ts';
import { ObjectIndex } from '../../src/kubernetes/object-index.ts';
import { readPodTemplate } from '../../src/kubernetes/pod-template.ts';

/** What bears on a pod of namespace `shop` that holds a LimitRange with these items. */
function around(limits: readonly object[], spec: object = {}, minor = 36) {
  const view = new ObjectIndex('all', { major: 1, minor });
  view.put({
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'defaults', namespace: 'shop' },
    spec: { limits },
  });
  return readPodResources(readPodTemplate({ spec }, ''), 'shop', view);
}

describe('request and limit of memory, as the Pod will have them', () => {
  test.each<[string, object, object, unknown, unknown]>([
    ['its own', { requests: { memory: '1' }, limits: { memory: '2' } }, {}, '1', '2'],
    ['only a limit', { limits: { memory: '2' } }, { defaultRequest: { memory: '3' } }, '2', '2'],
    ['only a request', { requests: { memory: '1' } }, { default: { memory: '4' } }, '1', '4'],
    ['a default of each', {}, { default: { memory: '4' }, defaultRequest: { memory: '3' } }, '3', '4'],
    ['a default limit', {}, { default: { memory: '4' } }, '4', '4'],
    ['a default limit below a maximum', {}, { default: { memory: '4' }, max: { memory: '9' } }, '4', '4'],
    ['a maximum', {}, { max: { memory: '9' } }, '9', '9'],
    ['a minimum', {}, { min: { memory: '1' } }, '1', undefined],
    ['a maximum and a minimum', {}, { max: { memory: '9' }, min: { memory: '1' } }, '9', '9'],
    ['a 0 that stands there', { requests: { memory: 0 }, limits: { memory: '2' } }, {}, 0, '2'],
    ['a null, which is a 0', { limits: { memory: null } }, { default: { memory: '4' } }, null, null],
    ['nothing', {}, { default: { cpu: '1' } }, undefined, undefined],
  ])('%s', (_title, resources, item, request, limit) => {
    const pod = around([{ type: 'Container', ...item }]);
    expect(effectiveRequest({ resources }, 'memory', pod)).toBe(request);
    expect(effectiveLimit({ resources }, 'memory', pod)).toBe(limit);
  });

  test('a LimitRange of Pods or of another namespace gives nothing', () => {
    const pod = around([{ type: 'Pod', default: { memory: '4' } }]);
    expect(effectiveLimit({}, 'memory', pod)).toBeUndefined();
    const elsewhere = new ObjectIndex('all');
    elsewhere.put({
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'defaults', namespace: 'other' },
      spec: { limits: [{ type: 'Container', default: { memory: '4' } }] },
    });
    expect(effectiveLimit({}, 'memory', readPodResources(readPodTemplate({}, ''), 'shop', elsewhere))).toBeUndefined();
  });
});

describe('pod-level resources', () => {
  const spec = { resources: { requests: { cpu: '1' }, limits: { memory: '2' } } };

  test('limits are requests where there are none', () => {
    const pod = around([], spec);
    expect(podLevelRequest(pod, 'cpu')).toBe('1');
    expect(podLevelRequest(pod, 'memory')).toBe('2');
    expect(podLevelLimit(pod, 'cpu')).toBeUndefined();
  });

  test.each([
    ['before 1.34', spec, 33, 'Kubernetes 1.33'],
    ['from 1.34 on', spec, 34, undefined],
    ['by the OS of the pod', { ...spec, os: { name: 'windows' } }, 36, 'Windows nodes'],
    ['by its nodes', { ...spec, nodeSelector: { 'kubernetes.io/os': 'windows' } }, 36, 'Windows nodes'],
    ['when there are none', {}, 31, undefined],
  ])('are ignored %s', (_title, of, minor, by) => {
    const pod = around([], of, minor);
    expect(pod.podLevelIgnoredBy).toBe(by);
    expect(podLevelRequest(pod, 'cpu')).toBe(by === undefined && of === spec ? '1' : undefined);
  });
});
