import { addEntries } from '../../kubernetes/add-entries.ts';
import type { ClusterView, ServerVersion } from '../../kubernetes/cluster-view.ts';
import { at, list } from '../../kubernetes/fields.ts';
import { pointerTo, yamlBelow } from '../../kubernetes/json-pointer.ts';
import type { GroupKind } from '../../kubernetes/object.ts';
import type { PodContainer, PodTemplate } from '../../kubernetes/pod-template.ts';
import { hasPreStop, needsUserland, preStopCommand, preStopSleep } from '../../kubernetes/pre-stop.ts';
import { selectingServices, serviceKind } from '../../kubernetes/service.ts';
import { replicatedKinds, type Workload, workloadKinds } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { containerIdentity, namedContainer } from '../named-container.ts';

interface Params {
  /** Seconds; a longer grace period outlasts what clouds grant a node that is to go. */
  maxGrace: number;
  /** Seconds that a patch lets a container go on serving before it is told to stop. */
  sleep: number;
  /** Whether a preStop hook that outlasts the grace period may be refused. */
  denyCutPreStop: boolean;
}

const servingKinds: ReadonlySet<GroupKind> = new Set([...replicatedKinds, 'apps/DaemonSet', 'apps/ReplicaSet']);

export const gracefulShutdown = defineCheck<Params>({
  id: 'compute/graceful-shutdown',
  title: 'Pods are given time to stop',
  why: 'what is cut off in the middle loses requests, or leaves half-written data behind',
  prevents: [
    '502 and connection resets on every rollout: endpoints are removed while the application stops already',
    'FailedPreStopHook, and exit code 137 of a process that was about to finish',
    'two pods of a StatefulSet with the same name and the same volume at a time',
  ],
  remedy:
    'Leave terminationGracePeriodSeconds at 30 or raise it to what preStop and the application need together. Never set 0 ' +
    'where data is written. An application that stops at once on SIGTERM sleeps a few seconds in preStop first, until ' +
    'nobody sends it requests any more.',
  severity: 'medium',
  kinds: workloadKinds,
  // Only the last rule asks for Services; `unknown` speaks up for it.
  reads: { [serviceKind]: 'none' },
  params: {
    schema: {
      type: 'object',
      properties: {
        maxGrace: { type: 'integer', minimum: 1 },
        sleep: { type: 'integer', minimum: 1, maximum: 10 },
        denyCutPreStop: { type: 'boolean' },
      },
      required: [],
      additionalProperties: false,
    },
    defaults: { maxGrace: 900, sleep: 5, denyCutPreStop: false },
  },
  *evaluate(subject, params, view) {
    const { workload } = subject;
    if (workload === undefined) return;
    const grace = gracePeriod(workload.template);
    if (grace === 0 && keepsData(workload)) yield describeKill(workload);
    else yield* cutHooks(workload.template, grace, params);
    if (grace > params.maxGrace) yield describeLong(workload.template, grace, params);
    for (const one of workload.template.containers) if (lacksUserland(one)) yield describeUserland(one);
    const service = wantsPreStop(subject, workload) ? serviceOf(workload, view) : undefined;
    if (service !== undefined) yield describeAbrupt(workload, service);
  },
  /** A Service that is not among some files may send it traffic all the same. */
  unknown(subject, _params, view) {
    const { workload } = subject;
    if (workload === undefined || view.knows(serviceKind) === 'all' || !wantsPreStop(subject, workload))
      return undefined;
    return serviceOf(workload, view) === undefined ? serviceKind : undefined;
  },
  /** Opt-in: an application that drains on SIGTERM by itself needs no such sleep. */
  patch({ object, groupKind, workload }, { sleep }, view) {
    if (workload === undefined || !servingKinds.has(groupKind) || !sleepsNatively(view.version)) return [];
    if (gracePeriod(workload.template) < 3 * sleep) return [];
    return servers(workload.template)
      .filter(({ container }) => (container.lifecycle ?? undefined) === undefined)
      .flatMap(({ pointer }) =>
        addEntries(object, pointerTo(pointer, 'lifecycle', 'preStop'), { sleep: { seconds: sleep } }),
      );
  },
});

/** Seconds between the first hint and SIGKILL; the API server fills in 30. */
function gracePeriod({ spec }: PodTemplate): number {
  const written = spec['terminationGracePeriodSeconds'];
  return typeof written === 'number' ? written : 30;
}

/** A volume that is only read cannot be left half written. */
function keepsData({ groupKind, template }: Workload): boolean {
  if (groupKind === 'apps/StatefulSet') return true;
  return list(template.spec['volumes']).some((volume) => {
    const claim = at(volume, 'persistentVolumeClaim');
    return claim !== undefined && claim !== null && at(claim, 'readOnly') !== true;
  });
}

function describeKill({ groupKind, template }: Workload): Finding {
  const what = groupKind === 'apps/StatefulSet' ? 'the pods of a StatefulSet' : 'a pod that writes to a volume';
  return {
    identity: 'terminationGracePeriodSeconds',
    path: graceField(template),
    message: `terminationGracePeriodSeconds: 0 kills ${what} at once`,
    why: 'writes are cut off, and its successor may start before it is gone, so that two of them write',
    fix: "Set terminationGracePeriodSeconds in the pod template's spec to what a clean stop takes:\nterminationGracePeriodSeconds: 60",
    severity: 'high',
    atMost: { production: 'Deny', standard: 'Warn', sandbox: 'Audit' },
  };
}

/** What the kubelet needs to notice the end of a hook, in seconds. */
const margin = 2;

function* cutHooks(template: PodTemplate, grace: number, { denyCutPreStop }: Params): Iterable<Finding> {
  for (const one of template.containers) {
    const sleep = preStopSleep(one.container);
    if (sleep === undefined || grace > sleep + margin) continue;
    yield {
      identity: `${containerIdentity(one)}/pre-stop`,
      path: graceField(template),
      message: `${namedContainer(one)} sleeps ${sleep} s in preStop, of a grace period of ${grace} s`,
      why: 'the grace period starts with the hook, so the application is killed before it could stop',
      fix: `Raise terminationGracePeriodSeconds, so that it has time after the hook:\nterminationGracePeriodSeconds: ${Math.ceil(sleep) + 30}`,
      ...(!denyCutPreStop && { atMost: 'Warn' }),
    };
  }
}

function describeLong(template: PodTemplate, grace: number, { maxGrace }: Params): Finding {
  return {
    identity: 'long-grace',
    path: graceField(template),
    message: `terminationGracePeriodSeconds: ${grace} is longer than ${maxGrace}`,
    why: 'node upgrades run into their timeout, and autoscalers that have one of their own kill the pod before',
    fix: `Set terminationGracePeriodSeconds to ${maxGrace} at most; the next pod takes up unfinished work:\nterminationGracePeriodSeconds: ${maxGrace}`,
    atMost: 'Warn',
  };
}

function graceField({ pointer }: PodTemplate): string {
  return pointerTo(pointer, 'spec', 'terminationGracePeriodSeconds');
}

/** `distroless` images have neither shell nor sleep, except those for debugging. */
function lacksUserland({ container }: PodContainer): boolean {
  const command = preStopCommand(container);
  const { image } = container;
  if (command === undefined || typeof image !== 'string' || !needsUserland(command)) return false;
  return image.includes('distroless') && !image.includes('debug');
}

function describeUserland(one: PodContainer): Finding {
  return {
    identity: `${containerIdentity(one)}/pre-stop-command`,
    path: pointerTo(one.pointer, 'lifecycle', 'preStop', 'exec', 'command'),
    message: `${namedContainer(one)} runs ${preStopCommand(one.container)?.[0]} in preStop, which its distroless image lacks`,
    why: 'the hook fails (event FailedPreStopHook), and the pod stops without it',
    fix: 'Replace exec by sleep, which needs nothing in the image (from Kubernetes 1.30):\nlifecycle:\n  preStop:\n    sleep: {seconds: 5}',
    atMost: 'Warn',
  };
}

/** Whether traffic to it would be cut off, if there is any. */
function wantsPreStop({ tier, groupKind }: CheckSubject, { template }: Workload): boolean {
  if (tier !== 'production' || !servingKinds.has(groupKind)) return false;
  const serving = servers(template);
  return serving.length > 0 && !serving.some(({ container }) => hasPreStop(container));
}

function servers({ containers }: PodTemplate): readonly PodContainer[] {
  return containers.filter((one) => one.class === 'main' && one.ports.length > 0);
}

function serviceOf({ template, namespace }: Workload, view: ClusterView): string | undefined {
  for (const { service, match } of selectingServices(template.labels, namespace, view)) {
    if (match === 'yes') return service.name;
  }
  return undefined;
}

function describeAbrupt({ template }: Workload, service: string): Finding {
  const [first] = servers(template);
  const hook = 'preStop:\n  sleep: {seconds: 5}';
  // Beside a postStart hook the key is there already.
  const yaml = first?.container.lifecycle ? hook : yamlBelow('/lifecycle', hook);
  const named = first === undefined ? 'the container' : namedContainer(first);
  return {
    identity: 'pre-stop',
    path: pointerTo(first?.pointer ?? template.pointer, 'lifecycle', 'preStop'),
    message: `no preStop hook, although Service ${service} sends requests until it is gone`,
    why: 'endpoints are removed while the container stops, and requests of those seconds end in 502 or a reset',
    fix: `Add a preStop sleep to ${named}, unless it goes on serving on SIGTERM (from 1.30):\n${yaml}`,
    atMost: 'Audit',
  };
}

/** The API server refuses a hook whose only handler it does not know. */
function sleepsNatively(version: ServerVersion | undefined): boolean {
  return version !== undefined && (version.major > 1 || version.minor >= 30);
}
