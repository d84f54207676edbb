import {
  type AdmissionWebhook,
  guardsVital,
  readWebhooks,
  sparesNamespace,
} from '../../kubernetes/admission-webhook.ts';
import { replicaBounds } from '../../kubernetes/autoscaling.ts';
import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { readDisruptionBudget } from '../../kubernetes/disruption-budget.ts';
import { flowYaml } from '../../kubernetes/flow-yaml.ts';
import { matchesSelector } from '../../kubernetes/label-selector.ts';
import { unseenKind, servedKinds, servedWorkloads } from '../../kubernetes/served-workloads.ts';
import { readService, serviceKind } from '../../kubernetes/service.ts';
import type { Workload } from '../../kubernetes/workload.ts';
import type { CheckSubject, Finding } from '../check.ts';
import { nodeCrypto } from '../late-modules.ts';

const budgetKind = 'policy/PodDisruptionBudget';

/** What makes an admission webhook a danger to the cluster that it guards. */
export function* webhookFaults(
  { object, now }: CheckSubject,
  maxTimeout: number,
  view: ClusterView,
): Iterable<Finding> {
  for (const webhook of readWebhooks(object)) {
    if (webhook.timeout > maxTimeout) yield describeTimeout(webhook, maxTimeout);
    if (hasExpired(webhook.caBundle, now)) yield describeExpired(webhook);
    if (webhook.failurePolicy !== 'Fail' || !guardsVital(webhook)) continue;
    for (const namespace of new Set(['kube-system', webhook.service?.namespace ?? 'kube-system']))
      if (!sparesNamespace(webhook, namespace, view)) yield describeReach(webhook, namespace);
    yield* judgeBackend(webhook, view);
  }
}

function describeTimeout({ name, pointer, timeout }: AdmissionWebhook, maxTimeout: number): Finding {
  return {
    identity: `webhook/${name}/timeout`,
    path: `${pointer}/timeoutSeconds`,
    message: `webhook ${name} may hold up a request for ${timeout}s`.slice(0, 120),
    why: 'when it hangs, every request that it is asked about hangs as long, and those of controllers pile up behind',
    fix: `Let the API server wait less long:\ntimeoutSeconds: ${Math.min(5, maxTimeout)}`,
    severity: 'medium',
  };
}

/** A bundle of several authorities holds as long as one of them. */
function hasExpired(caBundle: string, now: number): boolean {
  if (caBundle === '') return false;
  const pem = Buffer.from(caBundle, 'base64').toString('latin1');
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return certificates.length > 0 && certificates.every((one) => endOf(one) < now);
}

/** @returns milliseconds since 1970; never for what is no certificate, which the API server has its own words for */
function endOf(certificate: string): number {
  const { X509Certificate } = nodeCrypto();
  try {
    return Date.parse(new X509Certificate(certificate).validTo);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function describeExpired({ name, pointer, failurePolicy }: AdmissionWebhook): Finding {
  return {
    identity: `webhook/${name}/ca-bundle`,
    path: `${pointer}/clientConfig/caBundle`,
    message: `every authority in the caBundle of webhook ${name} has expired`.slice(0, 120),
    why:
      failurePolicy === 'Fail'
        ? 'each request that it is asked about is refused: x509: certificate has expired or is not yet valid'
        : 'the API server cannot call it any more, and what it should refuse gets in',
    fix: 'Renew the certificate, and write its authority into clientConfig.caBundle; cert-manager does both by an annotation',
  };
}

function describeReach({ name, pointer }: AdmissionWebhook, namespace: string): Finding {
  const selector = { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: [namespace] };
  return {
    identity: `webhook/${name}/${namespace}`,
    path: `${pointer}/namespaceSelector`,
    message: `webhook ${name} fails closed, and is asked about namespace ${namespace} too`.slice(0, 120),
    why:
      namespace === 'kube-system'
        ? 'while it is away neither DNS nor the network of new nodes can start, and nothing that would bring it back'
        : 'while it is away its own pods cannot be made again, so it stays away',
    fix: `Leave the namespace out:\nnamespaceSelector:\n  matchExpressions:\n    - ${flowYaml(selector)}`,
  };
}

function* judgeBackend({ name, pointer, service }: AdmissionWebhook, view: ClusterView): Iterable<Finding> {
  if (service === undefined || unseenKind([serviceKind, ...servedKinds], view) !== undefined) return;
  const held = view.get(serviceKind, service.namespace, service.name);
  const where = `${service.namespace}/${service.name}`;
  const place = { identity: `webhook/${name}/backend`, path: `${pointer}/clientConfig/service` };
  if (held === undefined) {
    yield {
      ...place,
      message: `webhook ${name} fails closed, and its Service ${where} does not exist`.slice(0, 120),
      why: 'each request that it is asked about is refused: service "…" not found',
      fix: 'Install what answers there, or delete this configuration',
      pending: true,
    };
    return;
  }
  const [served] = servedWorkloads(readService(held).selector, service.namespace, view);
  if (served === undefined) return;
  const { workload } = served;
  const noun = `${workload.groupKind.slice(workload.groupKind.indexOf('/') + 1)} ${workload.name}`;
  const { worst } = replicaBounds(workload, view);
  if (workload.replicas !== undefined && worst < 2) {
    yield {
      ...place,
      message:
        `webhook ${name} fails closed, and ${worst === 1 ? 'one pod answers' : 'no pod answers'} it (${noun})`.slice(
          0,
          120,
        ),
      why: 'when its node is drained, every request that it is asked about is refused until the pod has started elsewhere',
      fix: `Run at least two replicas of ${noun} in namespace ${service.namespace}:\nreplicas: 2`,
    };
  } else if (view.knows(budgetKind) === 'all' && !hasBudget(workload, service.namespace, view)) {
    yield {
      ...place,
      message: `webhook ${name} fails closed, and no PodDisruptionBudget keeps its pods (${noun})`.slice(0, 120),
      why: 'a drain of several nodes may take all of its pods at once, and then every request is refused',
      fix: `Add a PodDisruptionBudget with maxUnavailable: 1 for ${noun} in namespace ${service.namespace}`,
      severity: 'medium',
    };
  }
}

function hasBudget({ template }: Workload, namespace: string, view: ClusterView): boolean {
  for (const budget of view.list(budgetKind, namespace))
    if (matchesSelector(readDisruptionBudget(budget).selector, template.labels) !== 'no') return true;
  return false;
}
