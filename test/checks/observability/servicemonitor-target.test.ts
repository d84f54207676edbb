import { describe, expect, test } from 'vitest';
import type { ConfiguredCheck } from '../../../src/checks/check.ts';
import { servicemonitorTarget } from '../../../src/checks/observability/servicemonitor-target.ts';
import { readSubject } from '../../../src/engine/subject.ts';
import { ObjectIndex } from '../../../src/kubernetes/object-index.ts';
import { watchedKinds } from '../../../src/kubernetes/watched-kinds.ts';
import { activatePolicy } from '../../../src/policy/active-policy.ts';
import { validate } from '../../../src/policy/validate.ts';
import { liveRequest } from '../../../src/reconcile/standing-findings.ts';

/** A Deployment of the operator beside the pods that it makes: it carries their label, and not their port. */
const entityOperator = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'entity-operator', namespace: 'kafka' },
  spec: {
    selector: { matchLabels: { app: 'kafka' } },
    template: {
      metadata: { labels: { app: 'kafka' } },
      spec: { containers: [{ name: 'operator', ports: [{ name: 'health', containerPort: 8080 }] }] },
    },
  },
};

/** In a cluster every workload is known, and no Pod. */
function judge(port: string, ...others: readonly (typeof entityOperator)[]): readonly (string | undefined)[] {
  const monitor = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: { name: 'kafka', namespace: 'kafka' },
    spec: { selector: { matchLabels: { app: 'kafka' } }, podMetricsEndpoints: [{ port }] },
  };
  const view = new ObjectIndex((kind) => (watchedKinds.has(kind) ? 'all' : 'none'));
  for (const other of others) view.put(other);
  const policy = activatePolicy('test', { rules: [] }, [], [servicemonitorTarget]);
  const configured = servicemonitorTarget.configure({}, validate) as ConfiguredCheck;
  const subject = readSubject(liveRequest(monitor, 'kafka', 0), monitor, policy, view);
  return [
    ...Array.from(configured.evaluate(subject, view), ({ identity }) => identity),
    configured.unknown(subject, view),
  ];
}

describe('pods that operators make are in no view of a cluster', () => {
  test('so that none that is seen is not none', () => {
    expect(judge('tcp-prometheus')).toEqual(['core/Pod']);
  });

  test('nor is a port that those that are seen do not have', () => {
    expect(judge('tcp-prometheus', entityOperator)).toEqual(['core/Pod']);
  });

  test('and what is seen to be right is right', () => {
    expect(judge('health', entityOperator)).toEqual([undefined]);
  });
});
