import { pointerTo } from '../../kubernetes/json-pointer.ts';
import {
  asksTheSame,
  type ContainerProbes,
  describeHandler,
  detectionTime,
  probedContainers,
} from '../../kubernetes/probe.ts';
import { workloadKinds } from '../../kubernetes/workload.ts';
import { defineCheck, type Finding } from '../check.ts';
import { injectedContainers, isInjected } from '../injected-containers.ts';

interface Params {
  /** How many times longer than readiness a liveness probe of the same question must put up with failures. */
  toleranceFactor: number;
  /** Names of containers that the platform puts into Pods; `*` stands for anything. */
  injectedContainers: string[];
}

export const livenessReadinessIdentical = defineCheck<Params>({
  id: 'network/liveness-readiness-identical',
  title: 'Liveness is more patient than readiness',
  why: 'what should only take a pod out of traffic for a moment restarts it, and under load all pods at the same time',
  prevents: [
    'Liveness probe failed, container … will be restarted (in every pod of an overloaded workload, one after the other)',
    'CrashLoopBackOff while a database that all pods depend on is away',
  ],
  remedy:
    'Both probes may ask the same cheap endpoint if liveness gives up much later: raise its failureThreshold. Or let liveness ' +
    'something of its own that fails only when the process itself cannot go on, or leave it out.',
  severity: 'medium',
  kinds: workloadKinds,
  reads: {},
  params: {
    schema: {
      type: 'object',
      properties: {
        toleranceFactor: { type: 'number', minimum: 1 },
        injectedContainers: { type: 'array', items: { type: 'string' } },
      },
      required: [],
      additionalProperties: false,
    },
    defaults: { toleranceFactor: 2, injectedContainers: [...injectedContainers] },
  },
  *evaluate(subject, params) {
    if (subject.workload === undefined) return;
    for (const probed of probedContainers(subject.workload.template)) {
      const finding = judge(probed, params.toleranceFactor);
      if (finding === undefined) continue;
      yield isInjected(probed.one.name, subject, params.injectedContainers) ? { ...finding, atMost: 'Audit' } : finding;
    }
  },
});

function judge({ one, liveness, readiness }: ContainerProbes, factor: number): Finding | undefined {
  if (liveness === undefined || readiness === undefined) return undefined;
  const [live, ready] = [detectionTime(liveness), detectionTime(readiness)];
  if (live >= factor * ready || !asksTheSame(liveness.handler, readiness.handler, one.ports)) return undefined;
  return {
    identity: `container/${one.name}`,
    path: pointerTo(one.pointer, 'livenessProbe', 'failureThreshold'),
    message: `container "${one.name}" asks the same for liveness (${live}s) and readiness (${ready}s)`,
    why: `both are ${describeHandler(liveness.handler)}, so what should only take a pod out of traffic restarts it`,
    fix:
      `Let liveness fail for at least ${factor * ready}s, or ask something that fails only when a restart would help:\n` +
      `livenessProbe:\n  failureThreshold: ${Math.ceil((factor * ready) / liveness.period)}`,
  };
}
