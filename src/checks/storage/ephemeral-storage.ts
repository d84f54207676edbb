import {
  effectiveLimit,
  effectiveRequest,
  type PodResources,
  podLevelLimit,
  readPodResources,
} from '../../kubernetes/effective-resources.ts';
import { at, type Fields, fields, isFields, list, text } from '../../kubernetes/fields.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import type { PodContainer, PodTemplate } from '../../kubernetes/pod-template.ts';
import { emptyDirOf } from '../../kubernetes/pod-volume.ts';
import { workloadKinds } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { injectedContainers, isInjected } from '../injected-containers.ts';
import { namedContainer } from '../named-container.ts';

/** A volume of the template and the containers of its author that mount it. */
interface MountedVolume {
  readonly name: string;
  readonly pointer: string;
  readonly written: Fields;
  readonly mounts: readonly { readonly one: PodContainer; readonly readOnly: boolean }[];
}

export const ephemeralStorage = defineCheck<object>({
  id: 'storage/ephemeral-storage',
  title: 'Pods are held to their share of the node disk',
  why: 'what it writes fills the disk of the node, and other pods are evicted with it',
  prevents: [
    'Evicted: The node was low on resource: ephemeral-storage. Threshold quantity: …',
    'Usage of EmptyDir volume "…" exceeds the limit "…"',
    'OOMKilled, by files in a volume with medium: Memory',
  ],
  remedy:
    'Give each emptyDir a sizeLimit, or its containers a request and limit for ephemeral-storage, which also counts their logs. ' +
    'A medium: Memory volume counts against the memory limits of the containers that write to it. A hostPath that is written ' +
    'to belongs to node agents; everything else uses a claim.',
  severity: 'low',
  kinds: workloadKinds,
  reads: { 'core/LimitRange': 'some' },
  params: { schema: { type: 'object', properties: {}, required: [], additionalProperties: false }, defaults: {} },
  *evaluate(subject, _params, view) {
    const { workload, namespace } = subject;
    if (workload === undefined || list(workload.template.spec['volumes']).length === 0) return;
    const pod = readPodResources(workload.template, namespace, view);
    for (const volume of mountedVolumes(workload.template, subject)) {
      const { hostPath } = volume.written;
      const emptyDir = emptyDirOf(volume.written);
      if (emptyDir !== undefined && (emptyDir['sizeLimit'] ?? undefined) === undefined)
        yield* emptyDir['medium'] === 'Memory' ? judgeMemory(volume, pod) : judgeDisk(volume, emptyDir, pod);
      else if (isFields(hostPath)) yield* judgeHostPath(volume, hostPath);
    }
  },
});

function mountedVolumes({ spec, pointer, containers }: PodTemplate, subject: CheckSubject): readonly MountedVolume[] {
  const authored = containers.filter(
    (one) => one.class !== 'ephemeral' && !isInjected(one.name, subject, injectedContainers),
  );
  const mounts = mountsByVolume(authored);
  return list(spec['volumes']).map((value, index) => {
    const written = fields(value);
    const name = text(written['name']) ?? '';
    return { name, written, mounts: mounts.get(name) ?? [], pointer: pointerTo(pointer, 'spec', 'volumes', index) };
  });
}

/** Read-only in a container is what it nowhere mounts for writing. */
function mountsByVolume(containers: readonly PodContainer[]): ReadonlyMap<unknown, MountedVolume['mounts']> {
  const mounts = new Map<unknown, { one: PodContainer; readOnly: boolean }[]>();
  for (const one of containers) {
    for (const each of list(one.container.volumeMounts)) {
      const name = at(each, 'name');
      const readOnly = at(each, 'readOnly') === true;
      const of = mounts.get(name) ?? [];
      const last = of.at(-1);
      if (last?.one === one) last.readOnly &&= readOnly;
      else of.push({ one, readOnly });
      mounts.set(name, of);
    }
  }
  return mounts;
}

function* judgeDisk({ name, pointer, mounts }: MountedVolume, emptyDir: Fields, pod: PodResources): Iterable<Finding> {
  // Huge pages are a resource of their own.
  if ((emptyDir['medium'] ?? '') !== '') return;
  const writer = mounts.find(
    ({ one, readOnly }) =>
      !readOnly &&
      effectiveRequest(one.container, 'ephemeral-storage', pod) === undefined &&
      effectiveLimit(one.container, 'ephemeral-storage', pod) === undefined,
  );
  if (writer === undefined) return;
  yield {
    identity: `volume/${name}`,
    path: pointerTo(pointer, 'emptyDir', 'sizeLimit'),
    message: `emptyDir "${name}" has no sizeLimit, and ${namedContainer(writer.one)} no ephemeral-storage request`,
    fix: 'Say how much it may hold; a pod that exceeds it is evicted alone:\nemptyDir: {sizeLimit: 1Gi}',
    atMost: 'Audit',
  };
}

function* judgeMemory({ name, pointer, mounts }: MountedVolume, pod: PodResources): Iterable<Finding> {
  if (podLevelLimit(pod, 'memory') !== undefined) return;
  const writer = mounts.find(
    ({ one, readOnly }) => !readOnly && effectiveLimit(one.container, 'memory', pod) === undefined,
  );
  if (writer === undefined) return;
  yield {
    identity: `volume/${name}`,
    path: pointerTo(pointer, 'emptyDir', 'sizeLimit'),
    message: `emptyDir "${name}" is memory without a sizeLimit, and ${namedContainer(writer.one)} has no memory limit`,
    why: 'its files may take all the memory of the node, and other pods are killed for it',
    fix: 'Say how much it may hold, and set a memory limit that has room for it:\nemptyDir: {medium: Memory, sizeLimit: 64Mi}',
    atMost: 'Warn',
    severity: 'medium',
  };
}

/** Below /dev, save for shared memory, and /sys nothing fills up either. */
const holdsNoData = /\.sock$|^\\\\\.\\pipe\\|^\/(dev|sys)(\/(?!shm)|$)/;

/** Sockets, named pipes and devices hold no data; many authors leave the type out, and Windows has none for a pipe. */
function* judgeHostPath({ name, pointer, mounts }: MountedVolume, hostPath: Fields): Iterable<Finding> {
  if (['Socket', 'CharDevice', 'BlockDevice'].includes(String(hostPath['type']))) return;
  if (holdsNoData.test(text(hostPath['path']) ?? '')) return;
  const writer = mounts.find(({ readOnly }) => !readOnly);
  if (writer === undefined) return;
  yield {
    identity: `volume/${name}`,
    path: pointerTo(pointer, 'hostPath'),
    message: `${namedContainer(writer.one)} may write to ${String(hostPath['path']).slice(0, 40)} of its node (hostPath "${name}")`,
    why: 'nothing limits or clears away what it writes, and on another node the pod does not find it again',
    fix: 'Mount it with readOnly: true if it is only read, or use a claim or an emptyDir with a sizeLimit',
    atMost: 'Warn',
    severity: 'medium',
  };
}
