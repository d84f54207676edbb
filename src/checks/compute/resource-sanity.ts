import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { own } from '../../kubernetes/fields.ts';
import { nodePoolKind } from '../../kubernetes/node-autoscaling.ts';
import type { PodTemplate } from '../../kubernetes/pod-template.ts';
import { parseQuantity } from '../../kubernetes/quantity.ts';
import { rememberLast } from '../../kubernetes/remember-last.ts';
import { workloadKinds } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding, type Report } from '../check.ts';
import { injectedContainers, isInjected } from '../injected-containers.ts';
import { isVpaResize } from '../resource-gap.ts';
import { type Place, readAmount } from './sanity/amount.ts';
import { daemonShare } from './sanity/daemon-share.ts';
import { judgeCpu } from './sanity/cpu.ts';
import { judgeMemory } from './sanity/memory.ts';
import { neverFits } from './sanity/never-fits.ts';

interface Params {
  /** Cores; a request for as many is a slip for millicores. */
  maxCpu: number;
  /** Less memory than this is hardly ever meant; of a limit, twice as much. */
  minMemory: string;
  /** Names of containers that the platform puts into Pods; `*` stands for anything. */
  injectedContainers: string[];
}

export const resourceSanity = defineCheck<Params>({
  id: 'compute/resource-sanity',
  title: 'Requests and limits are amounts that can be meant',
  why: 'the container is killed before it starts, or waits for a node that does not exist',
  prevents: [
    'OOMKilled at once, or "container init was OOM-killed (memory limit too low?)"',
    'Insufficient cpu on every node, for ever',
    'a limit of half a byte that the API server accepts with a warning',
  ],
  remedy:
    'Write memory with Mi or Gi (m means a thousandth: 512m is half a byte) and cpu in cores or with m (1000m is one core).',
  severity: 'high',
  kinds: workloadKinds,
  subresources: ['resize'],
  // The quantities speak for themselves; Nodes only tell how sure a number of cores is wrong, and what never fits.
  reads: { 'core/Node': 'none', 'core/LimitRange': 'none', 'apps/Deployment': 'none', [nodePoolKind]: 'none' },
  params: {
    schema: {
      type: 'object',
      properties: {
        maxCpu: { type: 'number', exclusiveMinimum: 0 },
        minMemory: { type: 'string', pattern: String.raw`^\d+(k|M|G|Ki|Mi|Gi)?$` },
        injectedContainers: { type: 'array', items: { type: 'string' } },
      },
      required: [],
      additionalProperties: false,
    },
    defaults: { maxCpu: 256, minMemory: '4Mi', injectedContainers: [...injectedContainers] },
  },
  evaluate(subject, params, view) {
    const { workload } = subject;
    const found: Finding[] = [];
    if (workload === undefined || isVpaResize(subject)) return found;
    const bounds = boundsOf(params);
    for (const place of placesOf(workload.template)) {
      judgePlace(place, bounds, view, (finding) => {
        found.push({ ...finding, ...remedyOf(place, finding, subject, params) });
      });
    }
    const unfit = subject.subresource === undefined ? neverFits(workload, view, bounds.slip) : undefined;
    if (unfit !== undefined) found.push(unfit);
    else if (subject.source === 'live' && subject.groupKind === 'apps/DaemonSet') {
      const share = daemonShare(workload, view);
      if (share !== undefined) found.push(share);
    }
    return found;
  },
});

function placesOf({ containers, spec, pointer }: PodTemplate): readonly Place[] {
  const places: Place[] = [];
  for (const one of containers) {
    const { resources } = one.container;
    if (one.class !== 'ephemeral' && resources !== undefined) places.push({ one, pointer: one.pointer, resources });
  }
  const resources = spec['resources'];
  if (resources !== undefined && resources !== null)
    places.push({ one: undefined, pointer: `${pointer}/spec`, resources });
  return places;
}

/** The author of a Pod cannot mend what was injected, and a resize may be made in an emergency. */
function remedyOf(
  { one }: Place,
  { atMost }: Finding,
  subject: CheckSubject,
  params: Params,
): Pick<Finding, 'atMost'> & Partial<Pick<Finding, 'fix'>> {
  if (one !== undefined && isInjected(one.name, subject, params.injectedContainers))
    return { fix: 'Set its resources where your platform configures this injected container', atMost: 'Audit' };
  return subject.subresource === 'resize' && atMost === undefined ? { atMost: 'Warn' } : {};
}

function judgePlace(place: Place, { slip, minimum }: Bounds, view: ClusterView, report: Report): void {
  for (const field of ['requests', 'limits'] as const) {
    const given = own(place.resources, field);
    const memory = readAmount(place, field, own(given, 'memory'));
    const badMemory = memory && judgeMemory(memory, minimum);
    if (badMemory !== undefined) report(badMemory);
    const cpu = readAmount(place, field, own(given, 'cpu'));
    const badCpu = cpu && judgeCpu(cpu, slip, view);
    if (badCpu !== undefined) report(badCpu);
  }
}

/** The params as numbers. */
interface Bounds {
  /** Nano cores. */
  readonly slip: bigint;
  /** Nano bytes. */
  readonly minimum: bigint;
}

const boundsOf = rememberLast(({ maxCpu, minMemory }: Params): Bounds => {
  const slip = BigInt(Math.round(maxCpu * 1000)) * 10n ** 6n;
  return { slip, minimum: parseQuantity(minMemory) ?? 0n };
});
