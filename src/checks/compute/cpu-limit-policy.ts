import {
  effectiveLimit,
  effectiveRequest,
  type PodResources,
  podLevelLimit,
  readPodResources,
} from '../../kubernetes/effective-resources.ts';
import { flowYaml } from '../../kubernetes/flow-yaml.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import type { PodContainer } from '../../kubernetes/pod-template.ts';
import { parseQuantity } from '../../kubernetes/quantity.ts';
import { quotaOver } from '../../kubernetes/resource-quota.ts';
import { workloadKinds } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { injectedContainers, isInjected } from '../injected-containers.ts';
import { containerIdentity, namedContainer } from '../named-container.ts';
import { isPositive } from '../resource-gap.ts';

interface Params {
  /** Whether a container must have a cpu limit, must not, or may. */
  policy: 'ignore' | 'require' | 'forbid';
  /** Names of containers that the platform puts into Pods; `*` stands for anything. */
  injectedContainers: string[];
}

export const cpuLimitPolicy = defineCheck<Params>({
  id: 'compute/cpu-limit-policy',
  title: 'CPU limits follow one rule',
  why: 'a cpu limit throttles a container although the node has cpu to spare, and the lack of one lets it take all of that',
  prevents: [
    'failed quota: …: must specify limits.cpu for: … (FailedCreate, and no pod at all)',
    'slow answers at the 99th percentile from containers that are throttled on an idle node',
  ],
  remedy:
    'With requests, cpu is shared in proportion to them, so by default a limit is neither asked for nor refused; set the param ' +
    'policy to require or forbid one. Where a ResourceQuota counts limits.cpu, each container needs one in any case.',
  severity: 'medium',
  kinds: workloadKinds,
  reads: { 'core/LimitRange': 'some', 'core/ResourceQuota': 'some' },
  params: {
    schema: {
      type: 'object',
      properties: {
        policy: { type: 'string', enum: ['ignore', 'require', 'forbid'] },
        injectedContainers: { type: 'array', items: { type: 'string' } },
      },
      required: [],
      additionalProperties: false,
    },
    defaults: { policy: 'ignore', injectedContainers: [...injectedContainers] },
  },
  *evaluate(subject, params, view) {
    const { workload, namespace } = subject;
    if (workload === undefined) return;
    const quota = quotaOver('limits.cpu', workload.template, namespace, view);
    if (quota === undefined && params.policy === 'ignore') return;
    const pod = readPodResources(workload.template, namespace, view);
    const ofPod = isPositive(podLevelLimit(pod, 'cpu'));
    for (const one of workload.template.containers) {
      if (one.class === 'ephemeral') continue;
      const limit = effectiveLimit(one.container, 'cpu', pod);
      // The quota asks init containers too, and even 0 is an answer.
      if (quota !== undefined && limit === undefined && !ofPod) yield describeRefused(one, pod, quota, subject, params);
      if (one.class === 'init' || (quota !== undefined && limit === undefined)) continue;
      if (params.policy === 'require' && !isPositive(limit) && !ofPod) yield describeMissing(one, pod, subject, params);
      else if (quota === undefined && params.policy === 'forbid' && isThrottled(one, pod))
        yield describeThrottled(one, subject, params);
    }
  },
});

/** Its own limit, and not one that pins it to whole cores: the static CPU manager asks for an equal one then. */
function isThrottled({ container }: PodContainer, pod: PodResources): boolean {
  const written = container.resources?.limits?.['cpu'];
  if (!isPositive(written)) return false;
  const limit = parseQuantity(written) ?? 0n;
  return limit % 10n ** 9n !== 0n || parseQuantity(effectiveRequest(container, 'cpu', pod)) !== limit;
}

function limitField(one: PodContainer): Pick<Finding, 'identity' | 'path'> {
  return { identity: `${containerIdentity(one)}/cpu`, path: pointerTo(one.pointer, 'resources', 'limits', 'cpu') };
}

/** The author of a Pod cannot mend what was injected. */
function remedyOf(
  { name }: PodContainer,
  verb: 'Set' | 'Remove',
  fix: string,
  subject: CheckSubject,
  { injectedContainers }: Params,
): Pick<Finding, 'fix' | 'atMost'> {
  return isInjected(name, subject, injectedContainers)
    ? { fix: `${verb} resources.limits.cpu where your platform configures this injected container`, atMost: 'Audit' }
    : { fix };
}

/** A core, or its request where that is more: the API server refuses a limit below it. */
function limitYaml({ container }: PodContainer, pod: PodResources): string {
  const request = effectiveRequest(container, 'cpu', pod);
  const limit = (parseQuantity(request) ?? 0n) > 10n ** 9n ? String(request) : '1';
  return `resources:\n  limits:\n    cpu: ${flowYaml(limit)}`;
}

/** The quota stands there and the limit is for this object to name, so this may be refused. */
function describeRefused(
  one: PodContainer,
  pod: PodResources,
  quota: string,
  subject: CheckSubject,
  params: Params,
): Finding {
  const fix = `Set resources.limits.cpu, or give the namespace a LimitRange with a default:\n${limitYaml(one, pod)}`;
  return {
    ...limitField(one),
    message: `${namedContainer(one)} has no cpu limit, which ResourceQuota ${quota} counts`,
    why: 'the API server refuses its pods (failed quota, must specify limits.cpu), and only an event of the ReplicaSet says so',
    severity: 'high',
    ...remedyOf(one, 'Set', fix, subject, params),
  };
}

function describeMissing(one: PodContainer, pod: PodResources, subject: CheckSubject, params: Params): Finding {
  const fix = `Set resources.limits.cpu to what it may take at most, for example:\n${limitYaml(one, pod)}`;
  return {
    ...limitField(one),
    message: `${namedContainer(one)} has no cpu limit`,
    why: 'this policy wants one, so that no container takes all the cpu that a node has to spare',
    atMost: 'Warn',
    ...remedyOf(one, 'Set', fix, subject, params),
  };
}

function describeThrottled(one: PodContainer, subject: CheckSubject, params: Params): Finding {
  const { limits, requests } = one.container.resources ?? {};
  const more =
    requests?.['cpu'] === undefined ? ', and request what it needs:\nresources:\n  requests:\n    cpu: 500m' : '';
  return {
    ...limitField(one),
    message: `${namedContainer(one)} has a cpu limit of ${limits?.['cpu']}`,
    why: 'this policy wants none, since it is throttled in every 100 ms although the node has cpu to spare',
    atMost: 'Warn',
    ...remedyOf(one, 'Remove', `Remove resources.limits.cpu${more}`, subject, params),
  };
}
