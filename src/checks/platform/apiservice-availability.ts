import { conditionOf } from '../../kubernetes/conditions.ts';
import { at, fields, text } from '../../kubernetes/fields.ts';
import { defineCheck } from '../check.ts';

/** Milliseconds for which what answers may be away: it is restarted, or moved to another node. */
const moment = 5 * 60_000;

export const apiserviceAvailability = defineCheck<object>({
  id: 'platform/apiservice-availability',
  title: 'Every API of the cluster answers',
  why: 'whoever lists all kinds of a namespace fails on it, so namespaces are never deleted and garbage stays',
  prevents: [
    'a namespace that stays Terminating: Discovery failed for some groups … unable to retrieve the complete list of server APIs',
    'unable to get metrics for resource cpu, and autoscalers that stand still',
  ],
  remedy: 'Bring back the Service behind the APIService, or delete the APIService if what it belonged to is gone.',
  severity: 'high',
  kinds: ['apiregistration.k8s.io/APIService'],
  // Only the API server itself knows whether it reaches what is behind one.
  sources: ['live'],
  reads: {},
  params: { schema: { type: 'object', properties: {}, required: [], additionalProperties: false }, defaults: {} },
  *evaluate({ object, now }) {
    const available = conditionOf(object, 'Available');
    if (available?.['status'] !== 'False') return;
    if (now - Date.parse(text(available['lastTransitionTime']) ?? '') < moment) return;
    const service = fields(at(object, 'spec', 'service'));
    const name = object.metadata.name ?? '';
    yield {
      identity: 'available',
      path: '/status/conditions',
      message: `${name} does not answer: ${text(available['reason']) ?? 'no reason given'}`.slice(0, 120),
      fix: `Look at the Service that should answer; delete the APIService only if what it belonged to is gone for good:\nkubectl -n ${text(service['namespace']) ?? ''} describe service ${text(service['name']) ?? ''}`,
    };
  },
});
