import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { matchesSelector } from '../../kubernetes/label-selector.ts';
import { fields } from '../../kubernetes/fields.ts';
import { type ObservedStart, observedStart } from '../../kubernetes/observed-start.ts';
import { probedContainers } from '../../kubernetes/probe.ts';
import { isMadeByWorkload } from '../../kubernetes/served-workloads.ts';
import { type Workload, workloadKinds } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { injectedContainers, isInjected } from '../injected-containers.ts';
import { judgeLiveness } from './liveness-tuning.ts';
import { judgeTimes } from './probe-times.ts';
import { judgeStart } from './startup-tuning.ts';

interface Params {
  /** Names of containers that the platform puts into Pods; `*` stands for anything. */
  injectedContainers: string[];
}

export const probeTuning = defineCheck<Params>({
  id: 'network/probe-tuning',
  title: 'Probes leave room for a slow moment',
  why: 'a probe that is too strict restarts healthy containers, and one that is too lax leaves dead ones in traffic',
  prevents: [
    'Liveness probe failed: … context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    'CrashLoopBackOff of a container that only needs longer to start, exit code 137 or 143',
    'command "…" timed out',
  ],
  remedy:
    'Cover a slow start with a startupProbe, not with a long initialDelaySeconds. Let liveness ask only about the process itself, ' +
    'give up after several failures, and later than readiness. A missing livenessProbe is no fault: a process that ends when it is ' +
    'broken needs none.',
  severity: 'medium',
  kinds: workloadKinds,
  reads: {},
  params: {
    schema: {
      type: 'object',
      properties: { injectedContainers: { type: 'array', items: { type: 'string' } } },
      required: [],
      additionalProperties: false,
    },
    defaults: { injectedContainers: [...injectedContainers] },
  },
  evaluate(subject, params, view) {
    const { workload } = subject;
    const found: Finding[] = [];
    if (workload === undefined || isMadeByWorkload(workload)) return found;
    for (const probed of probedContainers(workload.template)) {
      const { name } = probed.one;
      const report = (finding: Finding): void => {
        found.push(isInjected(name, subject, params.injectedContainers) ? ofInjected(finding) : finding);
      };
      judgeLiveness(probed, report);
      judgeStart(probed, observedStarts(subject, workload, name, view), report);
      judgeTimes(probed, workload, report);
    }
    return found;
  },
});

function ofInjected(finding: Finding): Finding {
  return { ...finding, fix: 'Tune the probe where your platform configures this injected container', atMost: 'Audit' };
}

/** How the container has fared in the Pods of the workload: only a live cluster can tell. */
function observedStarts(
  { object, source, groupKind, namespace }: CheckSubject,
  { selector }: Workload,
  container: string,
  view: ClusterView,
): readonly ObservedStart[] {
  if (source !== 'live') return [];
  const pods: Iterable<KubernetesObject> = groupKind === 'core/Pod' ? [object] : view.list('core/Pod', namespace);
  const starts: ObservedStart[] = [];
  for (const pod of pods) {
    const labels = fields(pod.metadata.labels) as Record<string, string>;
    const isIts = pod === object || matchesSelector(selector, labels) === 'yes';
    const start = isIts ? observedStart(pod, container) : undefined;
    if (start !== undefined) starts.push(start);
  }
  return starts;
}
