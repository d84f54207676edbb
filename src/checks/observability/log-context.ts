import { type ClusterView, unseenKind } from '../../kubernetes/cluster-view.ts';
import { list } from '../../kubernetes/fields.ts';
import { flowYaml } from '../../kubernetes/flow-yaml.ts';
import { injectionsOf } from '../../kubernetes/instrumentation.ts';
import type { Operation } from '../../kubernetes/json-patch.ts';
import { logContextEnv, untoldOrigins } from '../../kubernetes/log-context-env.ts';
import { daemonSetKind, logCollectors, nodeAgents } from '../../kubernetes/node-agents.ts';
import type { GroupKind } from '../../kubernetes/object.ts';
import type { PodContainer } from '../../kubernetes/pod-template.ts';
import { replicatedKinds } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { containerIdentity, namedContainer } from '../named-container.ts';

const read: readonly GroupKind[] = ['core/Namespace', daemonSetKind];

export const logContext = defineCheck<object>({
  id: 'observability/log-context',
  title: 'Logs can tell their pod, namespace, node and zone',
  why: 'a log line that does not tell its pod and node cannot be matched with the node or zone that failed',
  prevents: [
    'an incident in one zone that looks like random errors everywhere, because no log line says where it was written',
  ],
  remedy:
    'Run a log collector on every node, which adds pod, namespace and node to each line, or give the container these as ' +
    'environment variables. This is plumbing alone: whether log lines carry them, and trace_id and span_id, is up to the application.',
  severity: 'low',
  kinds: [...replicatedKinds, 'apps/DaemonSet', 'batch/CronJob'],
  // Read only where the containers themselves are not told; `unknown` speaks up for it.
  reads: Object.fromEntries(read.map((kind) => [kind, 'none'])),
  params: {
    schema: { type: 'object', properties: {}, required: [], additionalProperties: false },
    defaults: {},
  },
  *evaluate(subject, _params, view) {
    const untold = untoldContainers(subject);
    if (untold.length === 0 || unseenKind(read, view) !== undefined || isEnriched(subject, view)) return;
    for (const one of untold) yield describe(one, view);
  },
  unknown(subject, _params, view) {
    const unseen = unseenKind(read, view);
    if (unseen === undefined || untoldContainers(subject).length === 0 || isEnriched(subject, view)) return undefined;
    return unseen;
  },
  /** Opt-in: the variables are there then, and somebody has still to log them. */
  patch(subject, _params, view) {
    const untold = untoldContainers(subject);
    if (untold.length === 0 || unseenKind(read, view) !== undefined || isEnriched(subject, view)) return [];
    // A variable of ours would win over one of the same name in there.
    if (untold.some(({ container }) => list(container.envFrom).length > 0)) return [];
    return untold.flatMap((one) => addEnv(one, view));
  },
});

function untoldContainers({ workload }: CheckSubject): readonly PodContainer[] {
  const containers = workload?.template.containers ?? [];
  return containers.filter((one) => one.class === 'main' && untoldOrigins(one).length > 0);
}

/** Whether somebody else adds the fields: the OpenTelemetry operator to the container, or a collector to each line. */
function isEnriched({ workload, namespace }: CheckSubject, view: ClusterView): boolean {
  const around = namespace === undefined ? undefined : view.get('core/Namespace', undefined, namespace);
  if (injectionsOf(workload?.template.annotations, around?.metadata.annotations).length > 0) return true;
  const [collector] = nodeAgents(logCollectors, view);
  return collector !== undefined;
}

function describe(one: PodContainer, view: ClusterView): Finding {
  const untold = untoldOrigins(one);
  return {
    identity: containerIdentity(one),
    path: `${one.pointer}/env`,
    message: `${namedContainer(one)} is not told its ${inWords(untold)}, and no log collector adds them`,
    fix: `Run a log collector on every node, or ${envToAdd(one, view)}`,
    atMost: 'Warn',
  };
}

/** A second `env:` in the same container would replace the first. */
function envToAdd(one: PodContainer, view: ClusterView): string {
  const { first, last, extended } = logContextEnv(one, view.version);
  const name = namedContainer(one);
  const items = [...first, ...last, ...(extended === undefined ? [] : [extended])].map((item) => `- ${flowYaml(item)}`);
  if (list(one.container.env).length === 0)
    return `give ${name} what it can log:\nenv:\n${items.map((item) => `  ${item}`).join('\n')}`;
  const instead = extended === undefined ? '' : `, in place of its ${String(extended['name'])}`;
  return `append to env of ${name}${instead}:\n${items.join('\n')}`;
}

function inWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** A reference resolves only to what stands before it, so the fields come first and what is made of them last. */
function addEnv(one: PodContainer, view: ClusterView): readonly Operation[] {
  const { first, last } = logContextEnv(one, view.version);
  const path = `${one.pointer}/env`;
  if (!Array.isArray(one.container.env)) {
    return [
      { op: 'test', path, value: null },
      { op: 'add', path, value: [...first, ...last] },
    ];
  }
  return [
    ...first.toReversed().map((value): Operation => ({ op: 'add', path: `${path}/0`, value })),
    ...last.map((value): Operation => ({ op: 'add', path: `${path}/-`, value })),
  ];
}
