import { createHash } from 'node:crypto';
import type { StandingFinding } from './standing-findings.ts';

/** Source: events.k8s.io/v1 Event. */
export interface ViolationEvent {
  readonly apiVersion: 'events.k8s.io/v1';
  readonly kind: 'Event';
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly [field: string]: unknown;
}

/** The API server refuses longer ones. */
const noteLimit = 1024;

/**
 * What `kubectl describe` and `kubectl get events` show of a violation. Its name follows from the finding, so that a second one
 * about it, of another leader, meets the first. It holds names and the words of a check, and no value of any object.
 *
 * @param reporter our pod
 * @param now milliseconds since 1970
 */
export function violationEvent(standing: StandingFinding, reporter: string, now: number): ViolationEvent {
  const { key, object, namespace, finding } = standing;
  const { name = '', uid } = object.metadata;
  const digest = createHash('sha256').update(key).digest('hex').slice(0, 16);
  const note = `${finding.check.id}: ${finding.message}: ${finding.why}. ${finding.fix.split('\n', 1)[0]?.replace(/:$/, '')}.`;
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    // The API server takes one about an object outside of namespaces in this one.
    metadata: { name: `${name.slice(0, 200)}.${digest}`, namespace: namespace ?? 'default' },
    // Of a Namespace too it says where it is, or it would be filed under `default`, where nobody looks.
    regarding: { apiVersion: object.apiVersion, kind: object.kind, name, namespace, uid },
    type: 'Warning',
    reason: 'ReadinessViolation',
    action: 'Judge',
    note: note.slice(0, noteLimit),
    eventTime: new Date(now).toISOString().replace('Z', '000Z'),
    reportingController: 'daytwo.dev/controller',
    reportingInstance: reporter.slice(0, 128),
  };
}
