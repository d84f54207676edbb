import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { ConfiguredCheck, Finding } from '../../../src/checks/check.ts';
import { checks } from '../../../src/checks/index.ts';
import { readSubject } from '../../../src/engine/subject.ts';
import { valueAt } from '../../../src/kubernetes/json-pointer.ts';
import { activatePolicy } from '../../../src/policy/active-policy.ts';
import { validate } from '../../../src/policy/validate.ts';
import { type Fixture, loadFixtures } from '../../fixtures/load-fixture.ts';

const policy = activatePolicy('test', { rules: [] }, [], checks);

/** Judges the object of a case again. */
function judge({ check, request, world }: Fixture, object = request.object): readonly Finding[] {
  const configured = checks.find(({ id }) => id === check)?.configure({}, validate) as ConfiguredCheck;
  return [...configured.evaluate(readSubject({ ...request, object }, object, policy, world), world)];
}

/** What the first finding of a case says to write. */
function fixOf(path: string): string | undefined {
  const [fixture] = loadFixtures(`observability/${path}.yaml`);
  if (fixture === undefined) throw new Error(path);
  return judge(fixture)[0]?.fix;
}

describe('the variables to add tell the container where its logs come from', () => {
  test.each(loadFixtures('observability/log-context/fail/*.yaml').map((one) => [one.path, one] as const))(
    '%s',
    (_, fixture) => {
      const object = structuredClone(fixture.request.object);
      for (const { path, fix } of judge(fixture)) {
        const container = valueAt(object, path.replace(/\/env$/, '')) as { env?: { name: string }[] };
        const pasted = parse(fix.slice(fix.indexOf('\n') + 1)) as { env: { name: string }[] } | { name: string }[];
        const added = 'env' in pasted ? pasted.env : pasted;
        const names = new Set(added.map(({ name }) => name));
        // No `env:` is printed beside the one that is there.
        expect('env' in pasted).toBe(container.env === undefined);
        container.env = [...(container.env ?? []).filter(({ name }) => !names.has(name)), ...added];
      }
      expect(judge(fixture, object)).toEqual([]);
    },
  );

  test('what the author attributes stays', () => {
    const fix = fixOf('log-context/fail/attributes-of-its-own');
    expect(fix).toContain('append to env of container "app", in place of its OTEL_RESOURCE_ATTRIBUTES:\n- {');
    expect(fix).toContain('value: "service.version=1.0,k8s.pod.name=mine,k8s.namespace.name=$(POD_NAMESPACE),');
  });
});

test('an annotation goes where the template of the kind is', () => {
  expect(fixOf('otel-instrumentation/fail/cron-job')).toBe(`Move it to the pod template:
spec:
  jobTemplate:
    spec:
      template:
        metadata:
          annotations:
            instrumentation.opentelemetry.io/inject-java: "true"`);
});

test('the port to scrape is one that the container declares', () => {
  expect(fixOf('metrics-scrape/fail/profiles-alone')).toContain('prometheus.io/port: "9102"');
  expect(fixOf('metrics-scrape/fail/port-of-the-service')).toMatch(
    /^Write the number into the annotation of the Service/,
  );
});
