import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { defaultLimit } from '../../kubernetes/effective-resources.ts';
import { at, fields, list } from '../../kubernetes/fields.ts';
import { defineCheck, type Finding } from '../check.ts';

interface Params {
  /** What compute/cpu-limit-policy says here: a quota of cpu limits contradicts `forbid`. */
  cpuLimitPolicy: 'ignore' | 'require' | 'forbid';
}

const path = '/metadata/name';

export const namespaceGuardrails = defineCheck<Params>({
  id: 'compute/namespace-guardrails',
  title: 'Namespaces have defaults and bounds',
  why: 'one container without a limit, or one loop that makes pods, takes what every other namespace runs on',
  prevents: [
    'nodes that run out of memory because of one container that nobody limited',
    'an autoscaler or a Job that fills the cluster and its bill',
  ],
  remedy:
    'Give the namespace a LimitRange with a default memory limit for containers, for those that say nothing, and a ResourceQuota ' +
    'as a bound for all of them together. Start with about twice what it uses now.',
  severity: 'low',
  kinds: ['core/Namespace'],
  sources: ['live'],
  reads: { 'core/LimitRange': 'all', 'core/ResourceQuota': 'all' },
  params: {
    schema: {
      type: 'object',
      properties: { cpuLimitPolicy: { type: 'string', enum: ['ignore', 'require', 'forbid'] } },
      required: [],
      additionalProperties: false,
    },
    defaults: { cpuLimitPolicy: 'ignore' },
  },
  *evaluate({ object }, { cpuLimitPolicy }, view) {
    const name = object.metadata.name ?? '';
    if (!hasMemoryDefault(name, view)) yield describeDefaults(name);
    const quotas = [...view.list('core/ResourceQuota', name)];
    if (quotas.length === 0) yield describeBound(name);
    if (cpuLimitPolicy !== 'forbid') return;
    for (const quota of quotas) {
      if (at(quota, 'spec', 'hard', 'limits.cpu') !== undefined) yield describeContradiction(quota.metadata.name ?? '');
    }
  },
});

function hasMemoryDefault(namespace: string, view: ClusterView): boolean {
  for (const limitRange of view.list('core/LimitRange', namespace)) {
    for (const item of list(at(limitRange, 'spec', 'limits')).map(fields)) {
      if (item['type'] === 'Container' && defaultLimit(item, 'memory') !== undefined) return true;
    }
  }
  return false;
}

function describeDefaults(namespace: string): Finding {
  return {
    identity: 'limit-range',
    path,
    message: `no LimitRange gives containers of namespace "${namespace}" a memory limit by default`,
    fix: [
      'Create a LimitRange with what its containers usually need (these numbers are an example):',
      'apiVersion: v1',
      'kind: LimitRange',
      `metadata: {name: defaults, namespace: ${namespace}}`,
      'spec:',
      '  limits:',
      '    - type: Container',
      '      default: {memory: 256Mi}',
      '      defaultRequest: {cpu: 50m, memory: 128Mi}',
    ].join('\n'),
    atMost: 'Audit',
  };
}

function describeBound(namespace: string): Finding {
  return {
    identity: 'resource-quota',
    path,
    message: `no ResourceQuota bounds what namespace "${namespace}" takes`,
    fix: [
      'Create a ResourceQuota of about twice what it uses now (these numbers are an example):',
      'apiVersion: v1',
      'kind: ResourceQuota',
      `metadata: {name: bounds, namespace: ${namespace}}`,
      'spec:',
      '  hard: {requests.cpu: "10", requests.memory: 20Gi, pods: "100"}',
    ].join('\n'),
    atMost: 'Audit',
  };
}

function describeContradiction(quota: string): Finding {
  return {
    identity: `cpu-quota/${quota}`,
    path,
    message: `ResourceQuota ${quota} counts limits.cpu, but cpu limits are forbidden here`,
    why: 'a container with a cpu limit breaks one rule, and a pod without one is refused by the quota',
    fix: `Remove limits.cpu from ResourceQuota ${quota}, and bound requests.cpu instead`,
    atMost: 'Warn',
    severity: 'medium',
  };
}
