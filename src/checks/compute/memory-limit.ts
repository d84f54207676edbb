import type { V1Container } from '@kubernetes/client-node';
import { effectiveLimit, podLevelLimit, readPodResources } from '../../kubernetes/effective-resources.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import { workloadKinds } from '../../kubernetes/workload.ts';
import { ambiguousDefaults } from '../ambiguous-defaults.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { injectedContainers, isInjected } from '../injected-containers.ts';
import { ceilingOf, describeGap, identityOf, isPositive, isVpaResize, type ResourceGap } from '../resource-gap.ts';

interface Params {
  /** Names of containers that the platform puts into Pods; `*` stands for anything. */
  injectedContainers: string[];
}

export const memoryLimit = defineCheck<Params>({
  id: 'compute/memory-limit',
  title: 'Containers have a memory limit',
  why: 'memory cannot be throttled: a leak takes what other pods of the node reserved, and they are killed or evicted with it',
  prevents: [
    'Evicted: The node was low on resource: memory. Threshold quantity: …',
    'OOMKilled in pods that kept within their own requests',
    'SystemOOM events, and nodes that turn NotReady',
  ],
  remedy:
    'Set resources.limits.memory on every container, best equal to its memory request. The default of a LimitRange counts, and so ' +
    'does a pod-level limit (from Kubernetes 1.34). Work that may be killed first says so in the annotation ' +
    'daytwo.dev/allow-best-effort, with the reason.',
  severity: 'high',
  kinds: workloadKinds,
  subresources: ['resize'],
  reads: { 'core/LimitRange': 'some' },
  allowAnnotation: 'daytwo.dev/allow-best-effort',
  params: {
    schema: {
      type: 'object',
      properties: { injectedContainers: { type: 'array', items: { type: 'string' } } },
      required: [],
      additionalProperties: false,
    },
    defaults: { injectedContainers: [...injectedContainers] },
  },
  *evaluate(subject, params, view) {
    const { workload } = subject;
    if (workload === undefined || isVpaResize(subject)) return;
    const pod = readPodResources(workload.template, subject.namespace, view);
    if (isPositive(podLevelLimit(pod, 'memory'))) return;
    for (const one of workload.template.containers) {
      if (one.class === 'ephemeral') continue;
      const written = effectiveLimit(one.container, 'memory', pod);
      if (!isPositive(written)) yield describe({ one, resource: 'memory', written }, subject, params);
    }
    yield* ambiguousDefaults(workload.template, pod, 'limits', 'memory');
  },
});

function describe(gap: ResourceGap, subject: CheckSubject, params: Params): Finding {
  const { one } = gap;
  return {
    identity: identityOf(gap),
    path: pointerTo(one.pointer, 'resources', 'limits', 'memory'),
    message: describeGap(gap, 'limit'),
    fix: isInjected(one.name, subject, params.injectedContainers)
      ? 'Set resources.limits.memory where your platform configures this injected container'
      : adviseLimit(one.container),
    ...ceilingOf(one, subject, params.injectedContainers),
  };
}

/** A limit equal to the request is the one that never takes what another pod reserved. */
function adviseLimit({ resources }: Partial<V1Container>): string {
  const request = resources?.requests?.['memory'];
  const advice = isPositive(request) ? 'its request, if that is enough' : 'what it uses at its peak, for example';
  const amount = isPositive(request) ? String(request) : '256Mi';
  return `Set resources.limits.memory to ${advice}:\nresources:\n  limits:\n    memory: ${amount}`;
}
