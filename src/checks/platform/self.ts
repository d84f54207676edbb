import { webhookConfigurationKinds } from '../../kubernetes/admission-webhook.ts';
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
    // Of five seconds a request that is asked about twice may wait ten.
    if (isOurs(subject.object)) yield* webhookFaults(subject, 5, view);
  },
});
