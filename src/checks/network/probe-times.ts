import { istioInject, linkerdInject } from '../../kubernetes/mesh.ts';
import type { PodContainer, PodTemplate } from '../../kubernetes/pod-template.ts';
import type { ContainerProbes, Probe } from '../../kubernetes/probe.ts';
import type { Workload } from '../../kubernetes/workload.ts';
import type { Report } from '../check.ts';
import { nameOf, placeOf, setting } from './tuning-finding.ts';

/** From how many replicas on commands that are started every few seconds add up. */
const manyReplicas = 50;
/** Seconds after which a pod that has recovered waits too long to be asked again. */
const longestPeriod = 30;

/** What is wrong with how often, how long and whom the probes of a container ask. */
export function judgeTimes({ one, probes, readiness }: ContainerProbes, workload: Workload, report: Report): void {
  for (const probe of probes) {
    judgeTimeout(one, probe, workload.template, report);
    judgePeriod(one, probe, workload, report);
    judgeHost(one, probe, workload.template, report);
    judgeGrace(one, probe, workload.template, report);
  }
  if (readiness !== undefined) judgeRecovery(one, readiness, report);
}

function judgeTimeout(one: PodContainer, probe: Probe, template: PodTemplate, report: Report): void {
  const { handler, timeout, period } = probe;
  const isProxied = handler.type === 'grpc' && isMeshed(template);
  if (timeout === 1 && (handler.type === 'exec' || isProxied)) {
    report({
      ...placeOf(one, probe.field, 'timeoutSeconds'),
      message: `${nameOf(one, probe)} gives ${isProxied ? 'gRPC through a proxy' : 'a command'} 1s to answer`,
      why: 'starting a process or a TLS connection takes longer than that on a busy node, and then healthy containers fail',
      fix: `Set timeoutSeconds to 5:\n${setting(probe, 'timeoutSeconds', 5)}`,
      atMost: 'Audit',
    });
  }
  if (timeout > period) {
    const both = Math.min(timeout, longestPeriod);
    report({
      ...placeOf(one, probe.field, 'timeoutSeconds', 'period'),
      path: placeOf(one, probe.field, 'timeoutSeconds').path,
      message: `${nameOf(one, probe)} waits ${timeout}s for an answer and asks every ${period}s`,
      why: 'each question waits for the one before it, so a container that hangs is noticed later than it seems',
      fix: `Ask no more often than an answer takes:\n${setting(probe, 'periodSeconds', both)}${both < timeout ? `\n  timeoutSeconds: ${both}` : ''}`,
    });
  }
}

function judgePeriod(one: PodContainer, probe: Probe, { groupKind, replicas = 0 }: Workload, report: Report): void {
  const isEverywhere = groupKind === 'apps/DaemonSet';
  if (probe.handler.type !== 'exec' || probe.period >= 5 || (!isEverywhere && replicas <= manyReplicas)) return;
  report({
    ...placeOf(one, probe.field, 'periodSeconds'),
    message: `${nameOf(one, probe)} starts a command every ${probe.period}s ${isEverywhere ? 'on each node' : `in ${replicas} pods`}`,
    why: 'each question is a new process in the container, which costs the nodes more than the answer is worth',
    fix: `Ask every 10 seconds, or over HTTP or gRPC:\n${setting(probe, 'periodSeconds', 10)}`,
  });
}

function judgeHost(one: PodContainer, probe: Probe, { spec }: PodTemplate, report: Report): void {
  const { handler } = probe;
  if (handler.type !== 'httpGet' && handler.type !== 'tcpSocket') return;
  if (handler.host === '' || spec['hostNetwork'] === true) return;
  if (!/^(127\.[\d.]+|localhost|\[?::1\]?)$/.test(handler.host)) return;
  report({
    ...placeOf(one, probe.field, handler.type, 'host'),
    message: `${nameOf(one, probe)} asks ${handler.host}, which is the node and not the pod`,
    why: 'the kubelet asks from the node, so it fails, or something else that runs on the node answers',
    fix: 'Remove host: the address of the pod is the default',
    severity: 'high',
  });
}

function judgeGrace(one: PodContainer, probe: Probe, { spec }: PodTemplate, report: Report): void {
  const written = spec['terminationGracePeriodSeconds'];
  const podGrace = typeof written === 'number' ? written : 30;
  if (probe.gracePeriod === undefined || probe.gracePeriod <= podGrace) return;
  report({
    ...placeOf(one, probe.field, 'terminationGracePeriodSeconds'),
    message: `${nameOf(one, probe)} grants ${probe.gracePeriod}s to end, more than the ${podGrace}s of the pod`,
    why: 'a container that has failed its probe gets longer to end than one that is well',
    fix: "Set it to no more than the pod's terminationGracePeriodSeconds, or leave it out",
    atMost: 'Audit',
    severity: 'info',
  });
}

function judgeRecovery(one: PodContainer, readiness: Probe, report: Report): void {
  const { period, successThreshold } = readiness;
  if (period > longestPeriod) {
    report({
      ...placeOf(one, 'readinessProbe', 'periodSeconds', 'recovery'),
      path: placeOf(one, 'readinessProbe', 'periodSeconds').path,
      message: `${nameOf(one, readiness)} asks only every ${period}s`,
      why: 'a pod that has recovered waits that long for traffic, and a rollout waits as long for each pod',
      fix: `Ask every 10 seconds:\n${setting(readiness, 'periodSeconds', 10)}`,
    });
  }
  if (successThreshold > 3) {
    report({
      ...placeOf(one, 'readinessProbe', 'successThreshold'),
      message: `${nameOf(one, readiness)} must succeed ${successThreshold} times in a row`,
      why: `a pod that has recovered waits ${period * successThreshold} seconds for traffic, and a rollout waits as long for each pod`,
      fix: `Set successThreshold to 1:\n${setting(readiness, 'successThreshold', 1)}`,
    });
  }
}

/** Whether a service mesh stands between the kubelet and the container, or will once the Pod is made. */
function isMeshed({ containers, annotations, labels }: PodTemplate): boolean {
  return (
    containers.some(({ name }) => name === 'istio-proxy' || name === 'linkerd-proxy') ||
    (labels[istioInject] ?? annotations[istioInject]) === 'true' ||
    annotations[linkerdInject] === 'enabled'
  );
}
