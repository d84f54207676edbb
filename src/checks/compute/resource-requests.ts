import { addEntries } from '../../kubernetes/add-entries.ts';
import { recommendedRequest } from '../../kubernetes/autoscaling.ts';
import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import {
  computeResources,
  effectiveLimit,
  effectiveRequest,
  type PodResources,
  podLevelRequest,
  readPodResources,
  type Resource,
} from '../../kubernetes/effective-resources.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import { parseQuantity } from '../../kubernetes/quantity.ts';
import { type Workload, workloadKinds } from '../../kubernetes/workload.ts';
import { ambiguousDefaults } from '../ambiguous-defaults.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { injectedContainers, isInjected } from '../injected-containers.ts';
import { ceilingOf, describeGap, identityOf, isPositive, isVpaResize, type ResourceGap } from '../resource-gap.ts';

interface Params {
  /** Names of containers that the platform puts into Pods; `*` stands for anything. */
  injectedContainers: string[];
  /** What a patch requests for a container that says nothing. */
  defaults: { cpu: string; memory: string };
}

const examples = { cpu: '100m', memory: '128Mi' } as const satisfies Record<Resource, string>;
const quantity = { type: 'string', pattern: String.raw`^\d+(\.\d+)?(m|k|M|G|Ki|Mi|Gi)?$` } as const;

export const resourceRequests = defineCheck<Params>({
  id: 'compute/resource-requests',
  title: 'Containers request cpu and memory',
  why: 'the scheduler packs nodes by requests: what is not requested is not reserved, and its pod is evicted first',
  prevents: [
    'Evicted: The node was low on resource: memory. Threshold quantity: …',
    'missing request for cpu in container … of Pod … (a HorizontalPodAutoscaler that does not scale)',
    'OutOfcpu, and nodes at 100 % while the scheduler sees them half empty',
  ],
  remedy:
    'Set resources.requests.cpu and .memory on every container to what it normally uses; a limit alone counts as a request ' +
    'of the same size. Defaults of a LimitRange, pod-level resources (from Kubernetes 1.34) and a VerticalPodAutoscaler with ' +
    'a recommendation count too. Work that may be starved says so in the annotation daytwo.dev/allow-best-effort, with the reason.',
  severity: 'high',
  kinds: workloadKinds,
  subresources: ['resize'],
  reads: { 'core/LimitRange': 'some', 'autoscaling.k8s.io/VerticalPodAutoscaler': 'some' },
  allowAnnotation: 'daytwo.dev/allow-best-effort',
  params: {
    schema: {
      type: 'object',
      properties: {
        injectedContainers: { type: 'array', items: { type: 'string' } },
        defaults: {
          type: 'object',
          properties: { cpu: quantity, memory: quantity },
          required: ['cpu', 'memory'],
          additionalProperties: false,
        },
      },
      required: [],
      additionalProperties: false,
    },
    defaults: { injectedContainers: [...injectedContainers], defaults: { cpu: '50m', memory: '64Mi' } },
  },
  patchOperations: ['CREATE'],
  *evaluate(subject, params, view) {
    const { workload } = subject;
    if (workload === undefined || isVpaResize(subject)) return;
    const pod = readPodResources(workload.template, subject.namespace, view);
    if (pod.podLevelIgnoredBy !== undefined) yield podLevelInVain(workload, pod.podLevelIgnoredBy);
    const gaps = findGaps(workload, pod, view);
    if (isBestEffort(gaps, workload, pod)) yield bestEffort(gaps, workload, subject);
    else for (const gap of gaps) yield describe(gap, subject, params);
    for (const resource of computeResources) yield* ambiguousDefaults(workload.template, pod, 'requests', resource);
  },
  /** Requests only: a limit that nobody measured kills what it was to protect. */
  patch(subject, params, view) {
    const { workload } = subject;
    if (workload === undefined || subject.tier === 'production') return [];
    const pod = readPodResources(workload.template, subject.namespace, view);
    // What another webhook adds, it would add again without the patch.
    const gaps = findGaps(workload, pod, view).filter(
      ({ one }) => !isInjected(one.name, subject, params.injectedContainers),
    );
    if (gaps.some(({ written }) => written !== undefined)) return [];
    return [...Map.groupBy(gaps, ({ one }) => one)].flatMap(([one, own]) => {
      const requests = own.map(({ resource }) => [resource, params.defaults[resource]]);
      return addEntries(subject.object, pointerTo(one.pointer, 'resources', 'requests'), Object.fromEntries(requests));
    });
  },
});

function findGaps(workload: Workload, pod: PodResources, view: ClusterView): readonly ResourceGap[] {
  const gaps: ResourceGap[] = [];
  for (const one of workload.template.containers) {
    if (one.class === 'ephemeral') continue;
    for (const resource of computeResources) {
      const written = effectiveRequest(one.container, resource, pod);
      if (isPositive(written) || isPositive(podLevelRequest(pod, resource))) continue;
      if (recommendedRequest(workload, one.name, resource, view) === undefined) gaps.push({ one, resource, written });
    }
  }
  return gaps;
}

/** The QoS class of a pod in which nothing is requested or limited: told once, not for each of its containers. */
function isBestEffort(gaps: readonly ResourceGap[], { template }: Workload, pod: PodResources): boolean {
  const judged = template.containers.filter((one) => one.class !== 'ephemeral');
  return (
    gaps.length > 0 &&
    gaps.length === judged.length * computeResources.length &&
    gaps.every(({ one, resource, written }) => {
      const nothingRequested = written === undefined || parseQuantity(written) === 0n;
      return nothingRequested && !isPositive(effectiveLimit(one.container, resource, pod));
    })
  );
}

function bestEffort(gaps: readonly ResourceGap[], { template }: Workload, subject: CheckSubject): Finding {
  const [first, ...others] = template.containers.filter((one) => one.class !== 'ephemeral');
  const single = others.length === 0;
  const who = single
    ? `container ${JSON.stringify(first?.name)} requests neither cpu nor memory`
    : 'no container requests cpu or memory';
  return {
    identity: 'pod/best-effort',
    covers: gaps.map(identityOf),
    path: pointerTo(first?.pointer ?? template.pointer, 'resources'),
    message: `${who} (QoS class BestEffort)`,
    why: 'the scheduler takes it for weightless, and it is the first to be evicted when its node runs short of memory',
    fix: `Set on ${single ? 'the' : 'each'} container what it normally uses, for example:\n${yaml(computeResources)}`,
    ...(subject.subresource === 'resize' && { atMost: 'Warn' }),
  };
}

function describe(gap: ResourceGap, subject: CheckSubject, params: Params): Finding {
  const { one, resource, written } = gap;
  const fromLimit = written !== undefined && one.container.resources?.requests?.[resource] === undefined;
  return {
    identity: identityOf(gap),
    path: pointerTo(one.pointer, 'resources', fromLimit ? 'limits' : 'requests', resource),
    message: describeGap(gap, fromLimit ? 'limit' : 'request'),
    fix: isInjected(one.name, subject, params.injectedContainers)
      ? `Set resources.requests.${resource} where your platform configures this injected container`
      : `Set resources.requests.${resource} to what it normally uses, for example:\n${yaml([resource])}`,
    ...ceilingOf(one, subject, params.injectedContainers),
  };
}

function yaml(wanted: readonly Resource[]): string {
  return ['resources:', '  requests:', ...wanted.map((resource) => `    ${resource}: ${examples[resource]}`)].join(
    '\n',
  );
}

function podLevelInVain({ template }: Workload, who: string): Finding {
  return {
    identity: 'pod/resources',
    path: pointerTo(template.pointer, 'spec', 'resources'),
    message: `spec.resources of the pod is ignored by ${who}`,
    why: 'the pod runs as if nothing stood there; pod-level resources need Linux and Kubernetes 1.34',
    fix: 'Move the values to the resources of each container',
    atMost: 'Warn',
  };
}
