import { describe, expect, test } from 'vitest';
import type { Decision } from '../../src/engine/decision.ts';
import { judge } from '../../src/engine/judge.ts';
import { mutate } from '../../src/engine/mutate.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { exemption, november } from '../policy/exemption-kit.ts';
import { create, deployment, imageTagCheck, namespace, policyOf, shown, update, worldOf } from './engine-kit.ts';

const policy = policyOf(imageTagCheck());
const untagged = deployment({ app: 'app' });

function decide(object: KubernetesObject, ...world: readonly KubernetesObject[]): Decision {
  return judge(create(object, { now: november }), policy, worldOf(namespace('shop'), ...world));
}

describe('an active exemption', () => {
  test('lets pass what it covers, says so, and keeps what it let pass', () => {
    const { allowed, results } = decide(untagged, exemption());
    expect(allowed).toBe(true);
    expect(results).toEqual([
      expect.objectContaining({
        outcome: 'skip',
        findings: [],
        reason: {
          code: 'exempt',
          message: 'exemption shop/legacy until 2026-12-31 (team checkout): goes away with the move to the new shop',
        },
        exempted: {
          exemption: 'shop/legacy',
          findings: [expect.objectContaining({ identity: 'container/app/image', action: 'Deny' })],
        },
      }),
    ]);
  });

  test('by labels of the object itself', () => {
    const selector = { matchLabels: { era: 'old' } };
    const old = deployment({ app: 'app' }, { metadata: { name: 'any', namespace: 'shop', labels: { era: 'old' } } });
    const chosen = exemption({ target: { kind: 'apps/Deployment', selector } });
    expect(decide(old, chosen).allowed).toBe(true);
    expect(decide(untagged, chosen).allowed).toBe(false);
  });

  test('withholds the patch too', () => {
    const patching = imageTagCheck({
      patch: ({ object }) => [{ op: 'add', path: '/metadata/labels', value: { seen: object.kind } }],
    });
    const world = worldOf(namespace('shop'), exemption());
    const mutation = mutate(create(untagged, { now: november }), policyOf(patching, { patch: true }), world);
    expect(mutation.operations).toEqual([]);
  });
});

describe('no excuse at all', () => {
  test.each<[string, KubernetesObject]>([
    ['of another namespace', exemption({}, { namespace: 'other' })],
    ['for another object', exemption({ target: { kind: 'apps/Deployment', name: 'cart' } })],
    ['for another kind', exemption({ target: { kind: 'core/Pod', name: 'checkout' } })],
    ['for another check', exemption({ checks: ['compute/other'] })],
  ])('%s', (_case, other) => {
    const { allowed, results } = decide(untagged, other);
    expect(allowed).toBe(false);
    expect(results[0]?.findings[0]?.note).toBeUndefined();
  });

  test('for a Namespace, though the API server says that it lives in itself', () => {
    const check = imageTagCheck({
      kinds: ['core/Namespace'],
      *evaluate() {
        yield { identity: 'x', path: '', message: 'is wrong', fix: 'Mend it' };
      },
    });
    const own = exemption({ target: { kind: 'core/Namespace', name: 'shop' } });
    const request = create(namespace('shop'), { namespace: 'shop', now: november });
    expect(judge(request, policyOf(check), worldOf(own)).allowed).toBe(false);
  });
});

describe('one that counts as none is said in the finding', () => {
  test.each<[string, object, string]>([
    ['expired', { until: '2026-11-01' }, 'exemption shop/legacy expired on 2026-11-01'],
    ['without a reason', { reason: ' ' }, 'exemption shop/legacy does not count: spec.reason: say why'],
    [
      'for all names',
      { target: { kind: 'apps/Deployment', name: '*' } },
      'exemption shop/legacy does not count: spec.target.name: too broad',
    ],
    ['for all checks', { checks: ['*'] }, 'exemption shop/legacy does not count: spec.checks[0]: too broad'],
    [
      'for all labels',
      { target: { kind: 'apps/Deployment', selector: {} } },
      'exemption shop/legacy does not count: spec.target.selector: too broad',
    ],
  ])('%s', (_case, spec, note) => {
    const { allowed, results } = decide(untagged, exemption(spec));
    expect(allowed).toBe(false);
    expect(results[0]?.findings[0]?.note).toContain(note);
  });

  test('unless another one is active', () => {
    const expired = exemption({ until: '2026-11-01' }, { name: 'a-former' });
    expect(decide(untagged, expired, exemption()).allowed).toBe(true);
  });
});

test('exemptions are read only for findings', () => {
  const world = worldOf(namespace('shop'), exemption());
  const asked: string[] = [];
  const watching = {
    version: undefined,
    knows: () => 'all' as const,
    get: world.get.bind(world),
    all: world.all.bind(world),
    list: (kind: `${string}/${string}`, where?: string) => {
      asked.push(kind);
      return world.list(kind, where);
    },
  };
  judge(create(deployment({ app: 'app:1' })), policy, watching);
  expect(asked).toEqual([]);
  judge(create(untagged), policy, watching);
  expect(asked).toEqual(['daytwo.dev/ReadinessExemption']);
});

test('the ratchet holds beside an exemption that does not count', () => {
  const world = worldOf(namespace('shop'), exemption({ until: '2026-11-01' }));
  expect(shown(judge(update(untagged, { ...untagged, more: 1 }, { now: november }), policy, world))).toEqual([
    'container/app/image Warn',
  ]);
});
