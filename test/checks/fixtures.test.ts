import { describe, expect, test } from 'vitest';
import type { Tier } from '../../src/checks/action.ts';
import type { CheckSubject, ConfiguredCheck, Finding } from '../../src/checks/check.ts';
import { checks } from '../../src/checks/index.ts';
import { readSubject } from '../../src/engine/subject.ts';
import { applyPatch } from '../../src/kubernetes/json-patch.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { activatePolicy } from '../../src/policy/active-policy.ts';
import { validate } from '../../src/policy/validate.ts';
import { type Fixture, loadExpectedObject, loadFixtures } from '../fixtures/load-fixture.ts';

const policy = activatePolicy('fixtures', { rules: [] }, [], checks);

describe.each(checks.map((check) => check.id))('%s', (id) => {
  const fixtures = loadFixtures(`${id}/*/*.yaml`);
  const check = checks.find((one) => one.id === id);

  function configure(fixture: Fixture): ConfiguredCheck {
    const configured = check?.configure(fixture.params, validate);
    if (configured === undefined || !('evaluate' in configured)) throw new Error(JSON.stringify(configured));
    return configured;
  }

  function evaluate(fixture: Fixture, object: KubernetesObject = fixture.request.object): readonly Finding[] {
    return [...configure(fixture).evaluate(subjectOf(fixture, object), fixture.world)];
  }

  test.each(
    fixtures.filter((fixture) => fixture.verdict === 'pass').map((fixture) => [fixture.path, fixture] as const),
  )('%s', (_path, fixture) => {
    expect(evaluate(fixture).map(({ identity }) => identity)).toEqual([]);
  });

  test.each(
    fixtures.filter((fixture) => fixture.verdict === 'fail').map((fixture) => [fixture.path, fixture] as const),
  )('%s', (_path, fixture) => {
    const findings = evaluate(fixture);
    expect(findings.map((finding, i) => describeFinding(finding, fixture.expected[i] ?? ''))).toEqual(fixture.expected);
    for (const finding of findings) expectReadable(finding);
  });

  test.each(
    fixtures.filter((fixture) => fixture.verdict === 'patched').map((fixture) => [fixture.path, fixture] as const),
  )('%s', (_path, fixture) => {
    const before = structuredClone(fixture.request.object);
    const operations = configure(fixture).patch(subjectOf(fixture, fixture.request.object), fixture.world);
    const patched = applyPatch(fixture.request.object, operations);
    expect(fixture.request.object).toEqual(before);
    expect(patched).toEqual(loadExpectedObject(fixture));
    expect(evaluate(fixture, patched)).toEqual([]);
    expect(configure(fixture).patch(subjectOf(fixture, patched), fixture.world)).toEqual([]);
  });
});

function subjectOf(fixture: Fixture, object: KubernetesObject): CheckSubject {
  return readSubject({ ...fixture.request, object }, object, policy, fixture.world);
}

/** Shows what the fixture's own line speaks of: the identity, and `atMost` or `severity` where it names them. */
function describeFinding(finding: Finding, expected: string): string {
  let shown = finding.identity;
  if (expected.includes('atMost=')) shown += ` atMost=${showCeiling(finding.atMost)}`;
  if (expected.includes('severity=')) shown += ` severity=${finding.severity ?? 'default'}`;
  return shown;
}

function showCeiling(atMost: Finding['atMost']): string {
  if (atMost === undefined || typeof atMost === 'string') return atMost ?? 'none';
  return (['production', 'standard', 'sandbox'] satisfies Tier[]).map((tier) => atMost[tier]).join('/');
}

/** Messages are the product: what every one of them owes its reader. */
function expectReadable({ message, fix, path }: Finding): void {
  expect(message.length, message).toBeLessThanOrEqual(120);
  expect(message, 'no full stop').not.toMatch(/\.$/);
  expect(message).not.toMatch(/undefined|\[object|NaN/);
  expect(fix).not.toMatch(/undefined|\[object|NaN/);
  expect(fix.split('\n')[0], 'a fix begins with what to do').toMatch(/^[A-Z]/);
  expect(path, 'a JSON Pointer').toMatch(/^(\/|$)/);
}
