import { webhookConfigurationKinds } from '../../kubernetes/admission-webhook.ts';
import { type Fields, fields, list } from '../../kubernetes/fields.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { defineCheck } from '../check.ts';
import { webhookFaults } from './webhook-faults.ts';
import { isOurs, webhookSafety } from './webhook-safety.ts';

export const self = defineCheck<object>({
  id: 'platform/self',
  title: 'daytwo itself cannot stop the cluster',
  why: 'a guardrail that is away must not keep the cluster from healing',
  prevents: ['failed calling webhook "validate.daytwo.dev": … for every Pod of the cluster'],
  remedy: 'Keep what manifests/install says of namespaces, timeouts and replicas, whatever else you change in it.',
  severity: 'critical',
  kinds: webhookConfigurationKinds,
  sources: ['files', 'live'],
  reads: webhookSafety.reads,
  params: { schema: { type: 'object', properties: {}, required: [], additionalProperties: false }, defaults: {} },
  *evaluate(subject, _params, view) {
    const { object } = subject;
    // Of five seconds a request that is asked about twice may wait ten.
    if (isOurs(object)) yield* webhookFaults({ ...subject, object: withoutConditions(object) }, 5, view);
  },
});

/** Ours say who is not asked about; what leaves out a namespace is the selector alone. */
function withoutConditions(configuration: KubernetesObject): KubernetesObject {
  return { ...configuration, webhooks: list(configuration['webhooks']).map(unconditional) };
}

function unconditional(webhook: unknown): Fields {
  return { ...fields(webhook), matchConditions: [] };
}
