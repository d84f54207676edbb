import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { ConfiguredCheck, Finding } from '../../src/checks/check.ts';
import { checks } from '../../src/checks/index.ts';
import { readSubject } from '../../src/engine/subject.ts';
import { type Fields, isFields } from '../../src/kubernetes/fields.ts';
import { valueAt } from '../../src/kubernetes/json-pointer.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { activatePolicy } from '../../src/policy/active-policy.ts';
import { validate } from '../../src/policy/validate.ts';
import { type Fixture, loadFixtures } from '../fixtures/load-fixture.ts';

/** A fix can be pasted: with its lines in the object the same check has nothing left to say. */

const policy = activatePolicy('fixes', { rules: [] }, [], checks);
const pod = '/spec/template/spec';
const app = `${pod}/containers/0`;

test.each([
  ['compute/cpu-limit-policy/fail/a-quota-counts-it', app],
  ['compute/cpu-limit-policy/fail/quota-and-two-cores-requested', app],
  ['compute/resource-sanity/fail/thousandths-of-a-byte', app],
  ['compute/pdb-blocks-eviction/fail/max-unavailable-zero', ''],
  ['compute/pdb-unhealthy-policy/fail/stateful-set', ''],
  ['compute/pdb-unhealthy-policy/fail/nothing-known', ''],
  ['compute/rollout-strategy/fail/own-ratio', ''],
  ['compute/rollout-strategy/fail/few-left', ''],
  ['compute/rollout-strategy/fail/the-only-one', ''],
  ['compute/job-hygiene/fail/many-retries', ''],
  ['compute/job-hygiene/fail/many-retries-of-cron-job', ''],
  ['compute/job-hygiene/fail/no-deadline', ''],
  ['compute/job-hygiene/fail/restarts-in-place', ''],
  ['storage/stateful-controller/fail/replicas-on-one-claim', ''],
  ['storage/stateful-controller/fail/replica-set', ''],
  ['storage/volume-claim-templates/fail/shared-claim', ''],
])('%s', (path, place) => {
  const fixture = load(path);
  const [finding] = evaluate(fixture, fixture.request.object);
  const mended = structuredClone(fixture.request.object);
  merge(valueAt(mended, place) as Fields, pasted(finding));
  expect(evaluate(fixture, mended), finding?.fix).toEqual([]);
});

test.each(['min-available-all', 'half-of-one', 'strict'])('maxUnavailable in the place of minAvailable: %s', (name) => {
  const fixture = load(`compute/pdb-blocks-eviction/fail/${name}`);
  const [finding] = evaluate(fixture, fixture.request.object);
  expect(finding?.fix).toMatch(/^Replace minAvailable by/);
  const mended = structuredClone(fixture.request.object);
  merge(mended, pasted(finding));
  delete (mended['spec'] as Record<string, unknown>)['minAvailable'];
  expect(evaluate(fixture, mended)).toEqual([]);
});

test.each(['nodes-unknown', 'only-nodes-in-three-zones', 'only-zones-with-many-replicas', 'skew-of-all-replicas'])(
  'constraints that are appended to those that are there: %s',
  (name) => {
    const fixture = load(`storage/topology-spread/fail/${name}`);
    const [finding] = evaluate(fixture, fixture.request.object);
    const mended = structuredClone(fixture.request.object);
    const constraints = valueAt(mended, `${pod}/topologySpreadConstraints`) as Fields[];
    if (finding?.fix.startsWith('Set maxSkew: 1')) merge(constraints[0] as Fields, { maxSkew: 1 });
    constraints.push(...(pasted(finding) as unknown as Fields[]));
    expect(evaluate(fixture, mended), finding?.fix).toEqual([]);
  },
);

function load(path: string): Fixture {
  const [fixture] = loadFixtures(`${path}.yaml`);
  if (fixture === undefined) throw new Error(path);
  return fixture;
}

function evaluate({ check, params, request, world }: Fixture, object: KubernetesObject): readonly Finding[] {
  const configured = checks.find(({ id }) => id === check)?.configure(params, validate) as ConfiguredCheck;
  return [...configured.evaluate(readSubject({ ...request, object }, object, policy, world), world)];
}

/** The lines below what to do. */
function pasted(finding: Finding | undefined): Fields {
  const { fix = '' } = finding ?? {};
  return parse(fix.slice(fix.indexOf('\n') + 1)) as Fields;
}

function merge(into: Fields, more: Fields): void {
  for (const [key, value] of Object.entries(more)) {
    const there = into[key];
    if (isFields(there) && isFields(value)) merge(there, value);
    else (into as Record<string, unknown>)[key] = value;
  }
}
