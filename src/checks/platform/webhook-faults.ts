import { type AdmissionWebhook, readWebhooks, vitalOf } from '../../kubernetes/admission-webhook.ts';
import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import type { CheckSubject, Finding } from '../check.ts';
import { nodeCrypto } from '../late-modules.ts';
import { judgeBackend } from './webhook-backend.ts';
import { judgeReach } from './webhook-reach.ts';

/** What makes an admission webhook a danger to the cluster that it guards. */
export function* webhookFaults(
  { object, now, source }: CheckSubject,
  maxTimeout: number,
  view: ClusterView,
): Iterable<Finding> {
  for (const webhook of readWebhooks(object)) {
    if (webhook.timeout > maxTimeout) yield describeTimeout(webhook, maxTimeout);
    if (hasExpired(webhook.caBundle, now)) yield describeExpired(webhook);
    if (webhook.failurePolicy !== 'Fail') continue;
    const vital = vitalOf(webhook);
    if (vital !== undefined) yield* judgeReach(webhook, vital, view);
    yield* judgeBackend(webhook, vital !== undefined, source, view);
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
