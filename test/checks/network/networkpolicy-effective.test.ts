import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { ConfiguredCheck, Finding } from '../../../src/checks/check.ts';
import { networkpolicyEffective } from '../../../src/checks/network/networkpolicy-effective.ts';
import { readSubject } from '../../../src/engine/subject.ts';
import { valueAt } from '../../../src/kubernetes/json-pointer.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { activatePolicy } from '../../../src/policy/active-policy.ts';
import { validate } from '../../../src/policy/validate.ts';
import { type Fixture, loadFixtures } from '../../fixtures/load-fixture.ts';

const policy = activatePolicy('test', { rules: [] }, [], [networkpolicyEffective]);
const configured = networkpolicyEffective.configure({}, validate) as ConfiguredCheck;

function judge({ request, world }: Fixture, object: KubernetesObject): readonly Finding[] {
  return [...configured.evaluate(readSubject({ ...request, object }, object, policy, world), world)];
}

test.each(['pods-by-address', 'exception-for-another-node'])(
  'the exception to paste leaves the pods out: %s',
  (name) => {
    const [fixture] = loadFixtures(`network/networkpolicy-effective/fail/${name}.yaml`);
    if (fixture === undefined) throw new Error(name);
    const object = structuredClone(fixture.request.object);
    for (const { path, fix } of judge(fixture, object)) {
      const block = valueAt(object, path.replace(/\/cidr$/, '')) as object;
      Object.assign(block, parse(fix.slice(fix.indexOf('\n') + 1)));
    }
    expect(judge(fixture, object)).toEqual([]);
  },
);

test('a block of pods alone cannot be excepted from itself', () => {
  const [fixture] = loadFixtures('network/networkpolicy-effective/fail/exception-for-another-node.yaml');
  const object = structuredClone(fixture?.request.object) as KubernetesObject;
  const block = valueAt(object, '/spec/ingress/0/from/0/ipBlock') as object;
  Object.assign(block, { cidr: '10.244.1.0/24', except: [] });
  expect(judge(fixture as Fixture, object)[0]?.fix).toMatch(
    /^Select pods by label instead of this ipBlock:\n- podSelector/,
  );
});
