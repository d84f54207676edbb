import { expect, test } from 'vitest';
import type { ConfiguredCheck } from '../../../src/checks/check.ts';
import { checks } from '../../../src/checks/index.ts';
import { readSubject } from '../../../src/engine/subject.ts';
import { activatePolicy } from '../../../src/policy/active-policy.ts';
import { validate } from '../../../src/policy/validate.ts';
import { loadFixtures } from '../../fixtures/load-fixture.ts';

const policy = activatePolicy('test', { rules: [] }, [], checks);

/** What the first finding of a case says to write. */
function fixOf(path: string): string | undefined {
  const [fixture] = loadFixtures(`observability/${path}.yaml`);
  if (fixture === undefined) throw new Error(path);
  const { check, request, world } = fixture;
  const configured = checks.find(({ id }) => id === check)?.configure({}, validate) as ConfiguredCheck;
  const [finding] = configured.evaluate(readSubject(request, request.object, policy, world), world);
  return finding?.fix;
}

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
