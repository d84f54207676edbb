import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { ConfiguredCheck, Finding } from '../../../src/checks/check.ts';
import { webhookSafety } from '../../../src/checks/platform/webhook-safety.ts';
import { readSubject } from '../../../src/engine/subject.ts';
import { activatePolicy } from '../../../src/policy/active-policy.ts';
import { validate } from '../../../src/policy/validate.ts';
import { loadFixtures } from '../../fixtures/load-fixture.ts';

const policy = activatePolicy('test', { rules: [] }, [], [webhookSafety]);
const configured = webhookSafety.configure({}, validate) as ConfiguredCheck;

function judge(name: string): { readonly findings: readonly Finding[]; readonly unknown: string | undefined } {
  const [fixture] = loadFixtures(`platform/webhook-safety/${name}.yaml`);
  if (fixture === undefined) throw new Error(name);
  const { request, world } = fixture;
  const subject = readSubject(request, request.object, policy, world);
  return {
    findings: [...configured.evaluate(subject, world)],
    unknown: configured.unknown(subject, world),
  };
}

test('the entry to append leaves the namespace out', () => {
  const [fixture] = loadFixtures('platform/webhook-safety/fail/labels-of-namespaces.yaml');
  if (fixture === undefined) throw new Error('labels-of-namespaces');
  const { request, world } = fixture;
  const object = structuredClone(request.object);
  const [webhook] = object['webhooks'] as [{ namespaceSelector: { matchExpressions: unknown[] } }];
  const [fix = ''] = judge('fail/labels-of-namespaces').findings.map((finding) => finding.fix);
  webhook.namespaceSelector.matchExpressions.push(...(parse(fix.slice(fix.indexOf('\n') + 1)) as unknown[]));
  expect([...configured.evaluate(readSubject({ ...request, object }, object, policy, world), world)]).toEqual([]);
});

test('one entry leaves out every namespace that is missing, so that no fix takes back another', () => {
  const { findings } = judge('fail/labels-of-namespaces');
  for (const { fix } of findings) {
    expect(fix).toContain('values: [kube-system, no-labels]');
    expect(fix).toMatch(/^Append to matchExpressions in namespaceSelector of webhook .*\n- \{/);
  }
});

test('where an autoscaler owns the replicas its floor is the cure', () => {
  expect(judge('fail/scaled-to-one').findings[0]?.fix).toMatch(/HorizontalPodAutoscaler guard.*\nminReplicas: 2$/);
});

test('why it hurts goes by what the webhook is asked about', () => {
  expect(judge('fail/only-workloads').findings[0]?.why).toContain('nothing that runs there can be changed');
  expect(judge('fail/leases').findings[0]?.why).toContain('no leader can renew its lease');
  expect(judge('fail/pods-and-below').findings[0]?.why).toContain('neither DNS nor the network');
});

test('labels of a Namespace that is not shown are nothing to go by', () => {
  expect(judge('pass/labels-of-namespaces').unknown).toBe('core/Namespace');
  expect(judge('pass/safe').unknown).toBeUndefined();
});
