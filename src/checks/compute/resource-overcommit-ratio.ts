import { describeBytes, describeCores, mebibytes, millicores } from '../../kubernetes/amount.ts';
import {
  effectiveLimit,
  effectiveRequest,
  isWindows,
  type PodResources,
  readPodResources,
  type Resource,
} from '../../kubernetes/effective-resources.ts';
import { at } from '../../kubernetes/fields.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import { parseQuantity } from '../../kubernetes/quantity.ts';
import { type Workload, workloadKinds } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { injectedContainers, isInjected } from '../injected-containers.ts';
import { containerIdentity, namedContainer } from '../named-container.ts';
import { isVpaResize } from '../resource-gap.ts';

interface Params {
  memoryLimitToRequestMax: number;
  cpuLimitToRequestMax: number;
  /** A memory limit no more than this above its request is fine whatever the ratio: small helpers start with a burst. */
  ignoreBelow: string;
  /** Names of containers that the platform puts into Pods; `*` stands for anything. */
  injectedContainers: string[];
}

const resources: readonly Resource[] = ['memory', 'cpu'];
const ratio = { type: 'number', minimum: 1 } as const;

export const resourceOvercommitRatio = defineCheck<Params>({
  id: 'compute/resource-overcommit-ratio',
  title: 'Limits stay near the requests',
  why: 'it lives on memory that nobody reserved, and is evicted first when its node runs short',
  prevents: [
    'Evicted: The node was low on resource: memory. Container … was using …, request is …',
    'OOM kills on nodes that the scheduler sees half empty',
  ],
  remedy:
    'Request what the container uses at its peak, or lower the limit. Equal values for memory make it safe from the greed of ' +
    'others; for cpu a wide gap is common and only says that the request is far from the truth.',
  severity: 'medium',
  kinds: workloadKinds,
  subresources: ['resize'],
  reads: { 'core/LimitRange': 'some' },
  params: {
    schema: {
      type: 'object',
      properties: {
        memoryLimitToRequestMax: ratio,
        cpuLimitToRequestMax: ratio,
        ignoreBelow: { type: 'string', pattern: String.raw`^\d+(k|M|G|Ki|Mi|Gi)?$` },
        injectedContainers: { type: 'array', items: { type: 'string' } },
      },
      required: [],
      additionalProperties: false,
    },
    defaults: {
      memoryLimitToRequestMax: 1.5,
      cpuLimitToRequestMax: 10,
      ignoreBelow: '128Mi',
      injectedContainers: [...injectedContainers],
    },
  },
  *evaluate(subject, params, view) {
    const { workload } = subject;
    // On Windows nothing is killed for want of memory, and a cpu limit is a cap of another kind.
    if (workload === undefined || isVpaResize(subject) || isWindows(workload.template)) return;
    const pod = readPodResources(workload.template, subject.namespace, view);
    for (const gap of gapsOf(workload, pod)) {
      if (isWide(gap, params)) yield describe(gap, subject, params);
    }
  },
});

/** What is reserved and what may be taken of a resource, in nano units. */
interface Gap {
  readonly who: string;
  readonly identity: string;
  readonly path: string;
  readonly container: string | undefined;
  readonly resource: Resource;
  readonly request: bigint;
  readonly limit: bigint;
}

/** Where the pod has both values as a whole, they decide and not those of its containers. Init containers run for moments. */
function* gapsOf({ template }: Workload, pod: PodResources): Iterable<Gap> {
  for (const resource of resources) {
    const field = ['resources', 'limits', resource] as const;
    const ofPod = positive(at(pod.podLevel, 'requests', resource), at(pod.podLevel, 'limits', resource));
    if (ofPod !== undefined) {
      const path = pointerTo(template.pointer, 'spec', ...field);
      yield { ...ofPod, who: 'the pod', identity: `pod/${resource}`, path, container: undefined, resource };
      continue;
    }
    for (const one of template.containers) {
      if (one.class !== 'main' && one.class !== 'sidecar') continue;
      const { container } = one;
      const found = positive(effectiveRequest(container, resource, pod), effectiveLimit(container, resource, pod));
      if (found === undefined) continue;
      const identity = `${containerIdentity(one)}/${resource}`;
      const path = pointerTo(one.pointer, ...field);
      yield { ...found, who: namedContainer(one), identity, path, container: one.name, resource };
    }
  }
}

/** @returns undefined where one of them is missing or 0, of which other checks speak */
function positive(request: unknown, limit: unknown): { request: bigint; limit: bigint } | undefined {
  if (request === undefined || limit === undefined) return undefined;
  const [reserved, most] = [parseQuantity(request) ?? 0n, parseQuantity(limit) ?? 0n];
  return reserved > 0n && most > 0n ? { request: reserved, limit: most } : undefined;
}

function isWide({ resource, request, limit }: Gap, params: Params): boolean {
  if (resource === 'memory' && limit - request <= (parseQuantity(params.ignoreBelow) ?? 0n)) return false;
  return limit * 1000n > request * thousandths(resource, params);
}

function thousandths(resource: Resource, { memoryLimitToRequestMax, cpuLimitToRequestMax }: Params): bigint {
  return BigInt(Math.round((resource === 'memory' ? memoryLimitToRequestMax : cpuLimitToRequestMax) * 1000));
}

function describe(gap: Gap, subject: CheckSubject, params: Params): Finding {
  const { who, identity, path, container, resource, request, limit } = gap;
  const isMemory = resource === 'memory';
  const [least, most] = isMemory
    ? [describeBytes(request), describeBytes(limit)]
    : [`${describeCores(request)} cores`, `${describeCores(limit)} cores`];
  const times = Number((Number((limit * 100n) / request) / 100).toPrecision(2));
  const needed = (limit * 1000n) / thousandths(resource, params);
  const advice = `resources:\n  requests:\n    ${resource}: ${isMemory ? mebibytes(needed) : millicores(needed)}`;
  return {
    identity,
    path,
    message: `${who} may take ${most} of ${resource}, ${times} times the ${least} that it requests`,
    ...(!isMemory && {
      why: 'its pods are spread by a request that says little, and slow one another down when they are all busy',
    }),
    ...(container !== undefined && isInjected(container, subject, params.injectedContainers)
      ? { fix: `Set the ${resource} of this injected container where your platform configures it`, atMost: 'Audit' }
      : { fix: `Request more, or lower the limit:\n${advice}` }),
    ...(subject.subresource === 'resize' && { atMost: 'Warn' }),
  };
}
