import type { Check, CheckSubject, ConfiguredCheck, Finding } from '../../../src/checks/check.ts';
import type { ClusterView, Knowledge, ServerVersion } from '../../../src/kubernetes/cluster-view.ts';
import { groupKindOf, type KubernetesObject } from '../../../src/kubernetes/object.ts';
import { ObjectIndex } from '../../../src/kubernetes/object-index.ts';
import { readWorkload } from '../../../src/kubernetes/workload.ts';
import { validate } from '../../../src/policy/validate.ts';

/** An object of namespace `shop`: `object('apps/v1', 'Deployment', 'checkout', {replicas: 2})`. */
export function object(
  apiVersion: string,
  kind: string,
  name: string,
  spec: object,
  more: object = {},
): KubernetesObject {
  return { apiVersion, kind, metadata: { name, namespace: 'shop', ...more }, spec };
}

/** A Deployment `checkout` whose pods carry `app: checkout`. */
export function deployment(replicas: number | undefined, podSpec: object = {}): KubernetesObject {
  return object('apps/v1', 'Deployment', 'checkout', {
    ...(replicas !== undefined && { replicas }),
    selector: { matchLabels: { app: 'checkout' } },
    template: { metadata: { labels: { app: 'checkout' } }, spec: podSpec },
  });
}

export function budget(spec: object, more: object = {}): KubernetesObject {
  return object(
    'policy/v1',
    'PodDisruptionBudget',
    'checkout',
    { selector: { matchLabels: { app: 'checkout' } }, ...spec },
    more,
  );
}

const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'checkout' };

export function autoscaler(minReplicas?: number, target: object = scaleTargetRef): KubernetesObject {
  return object('autoscaling/v2', 'HorizontalPodAutoscaler', 'checkout', { scaleTargetRef: target, minReplicas });
}

export function scaledObject(spec: object, annotations: object = {}): KubernetesObject {
  const target = { scaleTargetRef: { name: 'checkout' }, ...spec };
  return object('keda.sh/v1alpha1', 'ScaledObject', 'checkout', target, { annotations });
}

export function world(
  knowledge: Knowledge,
  objects: readonly KubernetesObject[],
  version?: ServerVersion,
): ObjectIndex {
  const view = new ObjectIndex(knowledge, version);
  for (const one of objects) view.put(one);
  return view;
}

export function subject(of: KubernetesObject, tweak: Partial<CheckSubject> = {}): CheckSubject {
  return {
    object: of,
    groupKind: groupKindOf(of),
    namespace: of.metadata.namespace,
    inSystemNamespace: false,
    operation: 'CREATE',
    subresource: undefined,
    source: 'admission',
    workload: readWorkload(of),
    tier: 'standard',
    user: 'jane',
    now: 0,
    ...tweak,
  };
}

export function configure(check: Check, params: object = {}): ConfiguredCheck {
  const configured = check.configure(params, validate);
  if (!('evaluate' in configured)) throw new Error(JSON.stringify(configured));
  return configured;
}

export function find(check: Check, one: CheckSubject, view: ClusterView, params: object = {}): readonly Finding[] {
  return [...configure(check, params).evaluate(one, view)];
}
