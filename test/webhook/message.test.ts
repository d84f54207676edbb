import { describe, expect, test } from 'vitest';
import { type Check, defineCheck } from '../../src/checks/check.ts';
import type { Decision, JudgedFinding } from '../../src/engine/decision.ts';
import { decodeReview } from '../../src/webhook/decode.ts';
import { denialMessage } from '../../src/webhook/message.ts';
import { deployment, imageTagCheck, pod } from '../engine/engine-kit.ts';
import { reviewOf } from './webhook-kit.ts';

const request = decodeReview(Buffer.from(JSON.stringify(reviewOf(deployment({ app: 'a:1' })))), 0);
const memory = imageTagCheck({ id: 'compute/memory-limit', why: 'under pressure it is killed' });
const disk = imageTagCheck({ id: 'storage/stateful-controller', why: 'a new pod cannot get the disk' });

function finding(check: Check, more: Partial<JudgedFinding> = {}): JudgedFinding {
  return {
    check,
    identity: 'container/app',
    path: '/spec/template/spec/containers/0/resources/limits/memory',
    message: 'container "app" has no memory limit',
    why: check.why,
    fix: 'Add:\nresources:\n  limits:\n    memory: 256Mi',
    severity: 'high',
    action: 'Deny',
    preexisting: false,
    ...more,
  };
}

function decision(...findings: readonly JudgedFinding[]): Decision {
  const results = [...Map.groupBy(findings, ({ check }) => check)].map(([check, own]) => ({
    check,
    outcome: own.some(({ action }) => action === 'Deny') ? ('fail' as const) : ('warn' as const),
    findings: own,
  }));
  return {
    inSystemNamespace: false,
    allowed: false,
    tier: 'production',
    bypass: undefined,
    unconfirmed: [],
    results,
    noteworthy: results,
  };
}

test('one finding', () => {
  expect(denialMessage(request, decision(finding(memory)))).toBe(`\
Deployment shop/checkout: 1 readiness check failed (Compute)

  ✗ compute/memory-limit  spec.template.spec.containers[0].resources.limits.memory
    container "app" has no memory limit.
    Under pressure it is killed.
    Add:
    resources:
      limits:
        memory: 256Mi

Try again without deploying: daytwo audit <file>.yaml`);
});

test('two loops, a reason that is given once, and what only warns', () => {
  const proxy = { message: 'container "proxy" has no memory limit', fix: 'Add one' };
  const warned = finding(disk, { action: 'Warn', message: 'volume "cache" is large', pending: true });
  expect(
    denialMessage(
      request,
      decision(finding(memory), finding(memory, proxy), finding(disk, { fix: 'Use a StatefulSet' }), warned),
    ),
  ).toBe(`\
Deployment shop/checkout: 2 readiness checks failed (Compute, Storage)

  ✗ compute/memory-limit  spec.template.spec.containers[0].resources.limits.memory
    container "app" has no memory limit.
    Under pressure it is killed.
    Add:
    resources:
      limits:
        memory: 256Mi
  ✗ compute/memory-limit  spec.template.spec.containers[0].resources.limits.memory
    container "proxy" has no memory limit.
    Add one
  ✗ storage/stateful-controller  spec.template.spec.containers[0].resources.limits.memory
    container "app" has no memory limit.
    A new pod cannot get the disk.
    Use a StatefulSet

  ⚠ also, not a reason to deny:
    storage/stateful-controller: pending: volume "cache" is large

Failing in Compute and Storage at once is one cross-loop problem, not a list of small ones: look for the cause they share.
Try again without deploying: daytwo audit <file>.yaml`);
});

describe('the first line', () => {
  const firstLine = (review: object): string | undefined =>
    denialMessage(decodeReview(Buffer.from(JSON.stringify(review)), 0), decision(finding(memory))).split('\n', 1)[0];

  test('names what has no name yet by its beginning', () => {
    const object = pod('a', { name: undefined, generateName: 'job-' });
    expect(firstLine(reviewOf(object))).toBe('Pod shop/job-…: 1 readiness check failed (Compute)');
  });

  test('names no namespace where there is none', () => {
    const object = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'fast' } };
    expect(firstLine(reviewOf(object))).toBe('StorageClass fast: 1 readiness check failed (Compute)');
  });
});

test('a thousand findings fit into what an API server and a terminal bear, and the rest is counted', () => {
  const many = Array.from({ length: 1000 }, (_, at) => finding(memory, { message: `container "${at}" has no limit` }));
  const message = denialMessage(request, decision(...many));
  expect(Buffer.byteLength(message)).toBeLessThan(18 * 1024);
  const shown = message.match(/ ✗ /g)?.length ?? 0;
  expect(shown).toBeGreaterThan(50);
  expect(message).toContain(`… and ${1000 - shown} more`);
});

test('nothing in a value can play with the terminal or fake a line of ours', () => {
  const message = denialMessage(
    request,
    decision(finding(memory, { message: 'value "\u001b[2J\n  ✓ all good" is bad' })),
  );
  expect(message).toContain('value "  [2J   ✓ all good" is bad'.replace('"  [', '" ['));
  expect(message).not.toContain('\u001b');
});

test('a check that failed itself says so where the policy denies then', () => {
  const check = defineCheck({ ...imageTagCheck(), id: 'compute/broken' } as never);
  const results = [{ check, outcome: 'error', findings: [], deniedByFault: true }] as const;
  const message = denialMessage(request, { ...decision(), results, noteworthy: results });
  expect(message).toContain('1 readiness check failed (Compute)');
  expect(message).toContain('✗ compute/broken\n    could not be judged, because daytwo itself failed');
});
