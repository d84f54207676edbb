import { describe, expect, test } from 'vitest';
import { autoscalerCollision } from '../../../src/checks/compute/autoscaler-collision.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { autoscaler, configure, deployment, find, object, scaledObject, subject, world } from './compute-kit.ts';

const targetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'checkout' };

function vertical(updateMode: string | undefined, ...containerPolicies: object[]): KubernetesObject {
  return object('autoscaling.k8s.io/v1', 'VerticalPodAutoscaler', 'checkout', {
    targetRef,
    ...(updateMode !== undefined && { updatePolicy: { updateMode } }),
    ...(containerPolicies.length > 0 && { resourcePolicy: { containerPolicies } }),
  });
}

const identities = (one: KubernetesObject, ...objects: KubernetesObject[]) =>
  find(autoscalerCollision, subject(one), world('all', [deployment(2), ...objects])).map(({ identity }) => identity);

describe('a VerticalPodAutoscaler beside one that scales by cpu', () => {
  const found = ['VerticalPodAutoscaler/checkout'];

  test.each<[string, KubernetesObject, string[]]>([
    ['acts without a mode', vertical(undefined), found],
    ['acts', vertical('InPlaceOrRecreate'), found],
    ['recommends', vertical('Off'), []],
    ['looks at new pods only', vertical('Initial'), []],
    ['sets memory', vertical('Auto', { containerName: '*', controlledResources: ['memory'] }), []],
    ['leaves one container alone', vertical('Auto', { containerName: 'proxy', mode: 'Off' }), found],
    ['leaves every container alone', vertical('Auto', { containerName: '*', mode: 'Off' }), []],
  ])('%s', (_case, vpa, expected) => {
    expect(identities(autoscaler(2), vpa)).toEqual(expected);
  });
});

describe('a VerticalPodAutoscaler beside a metric of', () => {
  const container = (name: string) => ({ name, image: 'x' });
  const pods = deployment(2, { containers: [container('app'), container('proxy')] });
  const target = (value: object) => ({ name: 'cpu', target: value });
  const utilization = { type: 'Utilization', averageUtilization: 70 };
  const average = { type: 'Resource', resource: target({ type: 'AverageValue', averageValue: '500m' }) };
  const percent = { type: 'Resource', resource: target(utilization) };
  const ofApp = { type: 'ContainerResource', containerResource: { ...target(utilization), container: 'app' } };
  const leaving = (name: string) => ({ containerName: name, mode: 'Off' });
  const memoryOnly = (name: string) => ({ containerName: name, controlledResources: ['memory'] });

  test.each<[string, object, KubernetesObject, boolean]>([
    ['absolute numbers', average, vertical('Auto'), false],
    ['a percentage, with one container told of and another not', percent, vertical('Auto', memoryOnly('proxy')), true],
    ['a percentage, with each told of', percent, vertical('Auto', memoryOnly('proxy'), leaving('app')), false],
    [
      'a percentage, with one told of and the rest too',
      percent,
      vertical('Auto', memoryOnly('app'), leaving('*')),
      false,
    ],
    ['a container that it leaves alone', ofApp, vertical('Auto', leaving('app'), { containerName: '*' }), false],
    ['a container that is among the rest', ofApp, vertical('Auto', leaving('proxy'), { containerName: '*' }), true],
  ])('%s', (_case, metric, vpa, collides) => {
    const hpa = { ...autoscaler(2), spec: { ...(autoscaler(2)['spec'] as object), metrics: [metric] } };
    const findings = find(autoscalerCollision, subject(hpa), world('all', [pods, vpa]));
    expect(findings.length > 0).toBe(collides);
  });
});

describe('a ScaledObject', () => {
  const cron = [{ type: 'cron', metadata: {} }];

  test.each<[string, object, string[]]>([
    ['with bounds in order', { minReplicaCount: 1, maxReplicaCount: 2, triggers: cron }, []],
    ['that says nothing', { triggers: cron }, []],
    ['up to 100 by default', { minReplicaCount: 100, triggers: cron }, ['maxReplicaCount']],
    ['idle at its minimum', { idleReplicaCount: 0, triggers: cron }, ['idleReplicaCount']],
    ['with cpu and something else', { triggers: [...cron, { type: 'cpu', metadata: { value: '60' } }] }, []],
  ])('%s', (_case, spec, expected) => {
    expect(identities(scaledObject(spec))).toEqual(expected);
  });

  test('takes over the HorizontalPodAutoscaler, seen from that one too', () => {
    const taking = scaledObject({}, { 'scaledobject.keda.sh/transfer-hpa-ownership': 'true' });
    expect(identities(autoscaler(2), taking)).toEqual([]);
  });

  test('owns the one that KEDA made, by label or by owner', () => {
    const owned: KubernetesObject = {
      ...autoscaler(2),
      metadata: {
        name: 'keda-hpa-checkout',
        namespace: 'shop',
        ownerReferences: [{ apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', name: 'checkout', uid: '1' }],
      },
    };
    expect(identities(scaledObject({ triggers: cron }), owned)).toEqual([]);
    expect(identities(owned, scaledObject({}))).toEqual([]);
  });
});

test('a pause of less than a day is nobody’s business', () => {
  const paused = (time: string): KubernetesObject => ({
    ...scaledObject({ triggers: [{ type: 'cron' }] }),
    metadata: {
      name: 'checkout',
      namespace: 'shop',
      annotations: { 'autoscaling.keda.sh/paused': 'true' },
      managedFields: [
        { time, fieldsV1: { 'f:metadata': { 'f:annotations': { 'f:autoscaling.keda.sh/paused': {} } } } },
      ],
    },
  });
  const now = Date.parse('2026-11-21T12:00:00Z');
  const count = (time: string) => find(autoscalerCollision, subject(paused(time), { now }), world('all', [])).length;
  expect(count('2026-11-21T09:00:00Z')).toBe(0);
  expect(count('2026-11-20T12:00:00Z')).toBe(1);
});

test('what is not seen could scale the same workload', () => {
  const unknown = (one: KubernetesObject) => configure(autoscalerCollision).unknown(subject(one), world('some', []));
  expect(unknown(autoscaler(2))).toBe('autoscaling/HorizontalPodAutoscaler');
});
