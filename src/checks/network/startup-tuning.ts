import { fields } from '../../kubernetes/fields.ts';
import { flowYaml } from '../../kubernetes/flow-yaml.ts';
import type { ObservedStart } from '../../kubernetes/observed-start.ts';
import type { PodContainer } from '../../kubernetes/pod-template.ts';
import { type ContainerProbes, detectionTime, type Probe } from '../../kubernetes/probe.ts';
import { slowRuntime } from '../../kubernetes/runtime-hint.ts';
import type { Report } from '../check.ts';
import { nameOf, placeOf, setting } from './tuning-finding.ts';

/** Seconds before the first question within which a JVM rarely answers. */
const shortDelay = 10;
/** Seconds before the first question during which a container that hangs goes unnoticed for too long. */
const longDelay = 120;

/** What is wrong between the start of a container and its first answer. */
export function judgeStart(
  { one, startup, liveness }: ContainerProbes,
  starts: readonly ObservedStart[],
  report: Report,
): void {
  if (startup !== undefined) judgeBudget(one, startup, starts, report);
  else if (liveness !== undefined) judgeDelay(one, liveness, starts, report);
}

function judgeDelay(one: PodContainer, liveness: Probe, starts: readonly ObservedStart[], report: Report): void {
  const { initialDelay } = liveness;
  if (initialDelay > longDelay) {
    report({
      ...placeOf(one, 'livenessProbe', 'initialDelaySeconds'),
      message: `${nameOf(one, liveness)} first asks after ${initialDelay}s`,
      why: 'a container that hangs within that time goes unnoticed, at each restart again',
      fix: `Let a startupProbe wait for the start instead of initialDelaySeconds:\n${startupYaml(one, liveness, initialDelay)}`,
    });
  }
  if (initialDelay >= shortDelay) return;
  const restarts = Math.max(0, ...starts.map((start) => start.restarts));
  const runtime = slowRuntime(one.container);
  if (runtime === undefined && restarts === 0) return;
  const reason = runtime === undefined ? `restarted ${restarts} times so far` : runtime;
  report({
    ...placeOf(one, 'livenessProbe', 'start'),
    path: placeOf(one, 'startupProbe').path,
    message: `container "${one.name}" (${reason}) has no startupProbe and is probed after ${initialDelay}s`,
    why: 'a start that takes longer on a busy node than on yours ends in a restart, and that start takes as long again',
    fix: `Add a startupProbe, which holds the livenessProbe back until the start is over:\n${startupYaml(one, liveness, 120)}`,
    atMost: 'Audit',
  });
}

/** The fastest start that was seen decides: others may have waited for something else. */
function judgeBudget(one: PodContainer, startup: Probe, starts: readonly ObservedStart[], report: Report): void {
  const budget = startup.initialDelay + detectionTime(startup);
  const seen = starts.map(({ readyAfter }) => readyAfter).filter((time) => time !== undefined);
  const fastest = Math.min(...seen);
  if (seen.length === 0 || fastest <= budget) return;
  report({
    ...placeOf(one, 'startupProbe', 'failureThreshold'),
    message: `${nameOf(one, startup)} allows ${budget}s, but the start took ${Math.round(fastest)}s`,
    why: 'a start that is a little slower than the last one is cut off, and begins again',
    fix: `Allow twice what was seen:\n${setting(startup, 'failureThreshold', Math.ceil((2 * fastest) / startup.period))}`,
    atMost: 'Audit',
  });
}

/** With the question that the livenessProbe asks already, and as much time to answer it. */
function startupYaml({ container }: PodContainer, { handler, field, timeout }: Probe, wait: number): string {
  const question = flowYaml(fields(container[field])[handler.type] ?? {});
  const period = Math.max(5, timeout);
  const times = [`periodSeconds: ${period}`, `failureThreshold: ${Math.ceil(wait / period)}`];
  if (timeout > 1) times.unshift(`timeoutSeconds: ${timeout}`);
  return ['startupProbe:', `${handler.type}: ${question}`, ...times].join('\n  ');
}
