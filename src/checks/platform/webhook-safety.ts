import { webhookConfigurationKinds } from '../../kubernetes/admission-webhook.ts';
import { labelOf, type KubernetesObject } from '../../kubernetes/object.ts';
import { servedKinds } from '../../kubernetes/served-workloads.ts';
import { serviceKind } from '../../kubernetes/service.ts';
import { defineCheck } from '../check.ts';
import { webhookFaults } from './webhook-faults.ts';
import { isReachUnknown } from './webhook-reach.ts';

interface Params {
  /** Seconds for which a webhook may hold up a request. */
  maxTimeout: number;
}

/** No API server asks a webhook about webhook configurations, so that a broken one can be mended: only files and a live cluster show them. */
export const webhookSafety = defineCheck<Params>({
  id: 'platform/webhook-safety',
  title: 'Admission webhooks cannot stop the cluster',
  why: 'a webhook that is away then stops everything that would bring it back',
  prevents: [
    'failed calling webhook "…": … context deadline exceeded, for every Pod of the cluster',
    'failed calling webhook "…": … no endpoints available for service "…"',
    'failed calling webhook "…": … x509: certificate has expired or is not yet valid',
  ],
  remedy:
    'Leave kube-system and the own namespace of a webhook that fails closed out by the label kubernetes.io/metadata.name, run two replicas ' +
    'of it with a PodDisruptionBudget, and let the API server wait for at most ten seconds.',
  severity: 'high',
  kinds: webhookConfigurationKinds,
  sources: ['files', 'live'],
  // The configuration alone shows most of it; what is behind it only where the view holds it.
  reads: Object.fromEntries(
    [
      'core/Namespace' as const,
      serviceKind,
      ...servedKinds,
      'policy/PodDisruptionBudget' as const,
      'autoscaling/HorizontalPodAutoscaler' as const,
      'keda.sh/ScaledObject' as const,
    ].map((kind) => [kind, 'none']),
  ),
  params: {
    schema: {
      type: 'object',
      properties: {
        maxTimeout: {
          type: 'integer',
          minimum: 1,
          maximum: 30,
          description: 'Seconds for which a webhook may hold up a request.',
        },
      },
      required: [],
      additionalProperties: false,
    },
    defaults: { maxTimeout: 10 },
  },
  *evaluate(subject, { maxTimeout }, view) {
    if (!isOurs(subject.object)) yield* webhookFaults(subject, maxTimeout, view);
  },
  unknown: ({ object }, _params, view) =>
    !isOurs(object) && isReachUnknown(object, view) ? 'core/Namespace' : undefined,
});

/** By the label that manifests/install gives them; `platform/self` is about those. */
export function isOurs(configuration: KubernetesObject): boolean {
  return labelOf(configuration, 'app.kubernetes.io/part-of') === 'daytwo';
}
