import { asksTheSame, type ContainerProbes, detectionTime, type Probe } from '../../kubernetes/probe.ts';
import type { PodContainer } from '../../kubernetes/pod-template.ts';
import type { Finding, Report } from '../check.ts';
import { nameOf, placeOf, setting } from './tuning-finding.ts';

/** Endpoints that answer for everything the application depends on. */
const deepPath = /\/(ready|deep|dependencies)|\/actuator\/health\/?$/;

/** What makes a livenessProbe restart a container that is well. */
export function judgeLiveness({ one, liveness, readiness }: ContainerProbes, report: Report): void {
  if (liveness === undefined) return;
  if (liveness.failureThreshold === 1) report(describeSingleFailure(one, liveness));
  if (readiness !== undefined && isTooEarly(one, liveness, readiness)) report(describeOrder(one, liveness, readiness));
  const { handler } = liveness;
  if (handler.type !== 'httpGet') return;
  const query = handler.path.indexOf('?');
  const path = query === -1 ? handler.path : handler.path.slice(0, query);
  if (deepPath.test(path)) report(describeDeepPath(one, liveness, path));
}

function describeSingleFailure(one: PodContainer, liveness: Probe): Finding {
  return {
    ...placeOf(one, 'livenessProbe', 'failureThreshold'),
    message: `container "${one.name}" is restarted after a single failed livenessProbe`,
    why: 'one garbage collection or one busy second kills a healthy container, most likely all of them under load',
    fix: `Set failureThreshold to 3 or more:\n${setting(liveness, 'failureThreshold', 3)}`,
    severity: 'high',
  };
}

/** Where both ask the same, `network/liveness-readiness-identical` says so, and says more. */
function isTooEarly({ ports }: PodContainer, liveness: Probe, readiness: Probe): boolean {
  if (detectionTime(liveness) > detectionTime(readiness)) return false;
  return !asksTheSame(liveness.handler, readiness.handler, ports);
}

function describeOrder(one: PodContainer, liveness: Probe, readiness: Probe): Finding {
  const [live, ready] = [detectionTime(liveness), detectionTime(readiness)];
  const threshold = Math.ceil((2 * ready) / liveness.period);
  return {
    ...placeOf(one, 'livenessProbe', 'order'),
    path: placeOf(one, 'livenessProbe', 'failureThreshold').path,
    message: `livenessProbe of container "${one.name}" gives up after ${live}s, no later than readiness (${ready}s)`,
    why: 'the restart comes before, or just when, readiness would have given it time to recover without requests',
    fix: `Let liveness give up later than readiness:\n${setting(liveness, 'failureThreshold', threshold)}`,
  };
}

function describeDeepPath(one: PodContainer, liveness: Probe, path: string): Finding {
  return {
    ...placeOf(one, 'livenessProbe', 'httpGet', 'path'),
    message: `${nameOf(one, liveness)} asks ${path.slice(0, 30)}, which may test its dependencies`,
    why: 'when a database is away all pods are restarted, which brings no database back',
    fix: path.includes('actuator')
      ? 'Ask about the process alone, with path: /actuator/health/liveness'
      : 'Ask about the process alone, at a path that looks at nothing else',
    atMost: 'Audit',
  };
}
