import { describe, expect, test } from 'vitest';
import { checks } from '../../src/checks/index.ts';
import { findingsOf, type Request } from '../../src/engine/decision.ts';
import { judge } from '../../src/engine/judge.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { replicatedKinds } from '../../src/kubernetes/workload.ts';
import type { ActivePolicy } from '../../src/policy/active-policy.ts';
import { parsePolicy } from '../../src/policy/parse-policy.ts';
import type { Rule } from '../../src/policy/readiness-policy.ts';
import { create, namespace, update, worldOf } from './engine-kit.ts';

/** Companions that are missing when an object arrives, and companions that go. */

const production = namespace('shop', { 'daytwo.dev/tier': 'production' });
const web: KubernetesObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', uid: 'u' },
  spec: { replicas: 3, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } } } },
};

function budget(name: string, matchLabels: object = { app: 'web' }): KubernetesObject {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace: 'shop' },
    spec: { selector: { matchLabels }, maxUnavailable: 1 },
  };
}

function networkPolicy(name: string, ...policyTypes: readonly string[]): KubernetesObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: 'shop' },
    spec: { podSelector: {}, policyTypes },
  };
}

function policyWith(...rules: readonly Rule[]): ActivePolicy {
  const value = {
    apiVersion: 'daytwo.dev/v1alpha1',
    kind: 'ReadinessPolicy',
    metadata: { name: 'test' },
    spec: { rules },
  };
  return parsePolicy({ file: 'test.yaml', value, locate: () => undefined }, checks);
}

const warning = policyWith(
  { check: 'compute/pdb-required', action: 'Warn' },
  { check: 'network/default-deny', action: 'Warn' },
);
const denying = policyWith(
  { check: 'compute/pdb-required', action: 'Warn', whenMissing: 'Deny', onLastDelete: { production: 'Deny' } },
  { check: 'network/default-deny', action: 'Warn', whenMissing: { production: 'Deny' }, onLastDelete: 'Deny' },
);

function deletionOf(object: KubernetesObject, tweak: Partial<Request> = {}): Request {
  return create(object, { operation: 'DELETE', oldObject: object, ...tweak });
}

describe('the deletion of a companion', () => {
  test('warns when it is the last budget of a workload, and says of which', () => {
    const decision = judge(deletionOf(budget('web')), warning, worldOf(production, web, budget('web')));
    expect(decision).toMatchObject({ allowed: true, bypass: undefined, unconfirmed: [] });
    expect(findingsOf(decision, 'Warn').map(({ message, pending }) => [message, pending])).toEqual([
      ['leaves Deployment web bare: no PodDisruptionBudget selects its pods (3 replicas)', undefined],
    ]);
  });

  test.each([
    ['another one selects the pods', [web, budget('web'), budget('second')]],
    ['it selected nothing', [web, budget('web', { app: 'other' })]],
    ['the workload runs one replica', [{ ...web, spec: { ...(web['spec'] as object), replicas: 1 } }, budget('web')]],
    [
      'the workload goes too',
      [{ ...web, metadata: { ...web.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }, budget('web')],
    ],
    ['there is no workload', [budget('web')]],
  ] as const)('is silent when %s', (_why, objects) => {
    const gone = objects.find(({ metadata }) => metadata.name === 'web' && !('uid' in metadata)) ?? budget('web');
    const decision = judge(deletionOf(gone), denying, worldOf(production, ...objects));
    expect(decision).toMatchObject({ allowed: true, unconfirmed: [] });
    expect(findingsOf(decision, 'Deny', 'Warn', 'Audit')).toEqual([]);
  });

  test('warns when it is the last policy that closes a direction, of that direction alone', () => {
    const world = worldOf(production, web, networkPolicy('in', 'Ingress'), networkPolicy('out', 'Egress'));
    const decision = judge(deletionOf(networkPolicy('in', 'Ingress')), warning, world);
    expect(findingsOf(decision, 'Warn').map(({ message }) => message)).toEqual([
      'leaves Namespace shop bare: no policy denies ingress by default for Deployment web',
    ]);
  });

  test('is silent when what is left was open before', () => {
    const opener = networkPolicy('some', 'Ingress');
    const world = worldOf(production, web, { ...opener, spec: { podSelector: { matchLabels: { app: 'other' } } } });
    expect(findingsOf(judge(deletionOf(opener), warning, world), 'Warn')).not.toEqual([]);
    const narrow = { ...opener, spec: { podSelector: { matchLabels: { app: 'other' } }, policyTypes: ['Ingress'] } };
    expect(findingsOf(judge(deletionOf(narrow), warning, worldOf(production, web, narrow)), 'Warn')).toEqual([]);
  });

  test('is refused where the policy says so, once the cluster itself has been asked', () => {
    const world = worldOf(production, web, budget('web'));
    const first = judge(deletionOf(budget('web')), denying, world);
    expect(first.allowed).toBe(true);
    expect(first.unconfirmed.map(({ kind }) => kind)).toEqual(['policy/PodDisruptionBudget', ...replicatedKinds]);
    expect(judge(deletionOf(budget('web')), denying, world, 'confirmed')).toMatchObject({ allowed: false });
    const standard = worldOf(namespace('shop'), web, budget('web'));
    expect(judge(deletionOf(budget('web')), denying, standard, 'confirmed')).toMatchObject({ allowed: true });
  });

  test.each([
    ['namespace controller', { user: 'system:serviceaccount:kube-system:namespace-controller' }],
    ['garbage collector', { user: 'system:serviceaccount:kube-system:generic-garbage-collector' }],
    ['controller manager', { user: 'system:kube-controller-manager' }],
  ])('by the %s always passes', (_who, tweak) => {
    const world = worldOf(production, web, budget('web'));
    const decision = judge(deletionOf(budget('web'), tweak), denying, world, 'confirmed');
    expect(decision).toMatchObject({ allowed: true, bypass: 'cleanup by the control plane' });
  });

  test('always passes while the namespace ends', () => {
    const ending = {
      ...production,
      metadata: { ...production.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
    };
    const decision = judge(deletionOf(budget('web')), denying, worldOf(ending, web, budget('web')), 'confirmed');
    expect(decision).toMatchObject({ allowed: true, bypass: 'the namespace is being deleted' });
  });

  test('of anything else is never judged', () => {
    expect(judge(deletionOf(web), denying, worldOf(production, web))).toMatchObject({ bypass: 'deletion' });
  });
});

describe('whenMissing: Deny', () => {
  const bare = worldOf(production);

  test('refuses only what the cluster itself has confirmed', () => {
    const first = judge(create(web), denying, bare);
    expect(first.allowed).toBe(true);
    expect(first.unconfirmed).toContainEqual({ kind: 'policy/PodDisruptionBudget', namespace: 'shop' });
    expect(first.unconfirmed).toContainEqual({ kind: 'networking.k8s.io/NetworkPolicy', namespace: 'shop' });
    const second = judge(create(web), denying, bare, 'confirmed');
    expect(second).toMatchObject({ allowed: false, unconfirmed: [] });
    expect(findingsOf(second, 'Deny')).toHaveLength(2);
  });

  test.each([
    ['a dry run', create(web, { dryRun: true }), bare],
    ['a namespace that is being made', create(production, { namespace: 'shop' }), worldOf()],
    ['a change, such as a scale', update({ ...web, spec: { ...(web['spec'] as object), replicas: 1 } }, web), bare],
    ['files', create(web, { source: 'files' }), bare],
    ['another tier', create({ ...web, metadata: { ...web.metadata, namespace: 'play' } }), worldOf(namespace('play'))],
  ])('only warns for %s', (what, request, world) => {
    const policy =
      what === 'another tier'
        ? policyWith({ check: 'network/default-deny', action: 'Warn', whenMissing: { production: 'Deny' } })
        : denying;
    const decision = judge(request, policy, world, 'confirmed');
    expect(decision.allowed).toBe(true);
    expect(decision.unconfirmed).toEqual([]);
    expect(findingsOf(decision, 'Warn')).not.toEqual([]);
  });

  test('only warns for a Pod that a controller unknown to daytwo makes', () => {
    const owner = { apiVersion: 'example.com/v1', kind: 'Database', name: 'db', uid: 'd', controller: true };
    const pod: KubernetesObject = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'db-0', namespace: 'shop', ownerReferences: [owner] },
      spec: { containers: [{ name: 'db' }] },
    };
    const user = 'system:serviceaccount:operators:database';
    expect(judge(create(pod, { user }), denying, bare, 'confirmed')).toMatchObject({ allowed: true });
  });

  test('does not warn louder than the rule: what is only recorded is not refused', () => {
    const policy = policyWith({ check: 'compute/pdb-required', action: 'Audit', whenMissing: 'Deny' });
    expect(judge(create(web), policy, bare, 'confirmed').allowed).toBe(true);
  });

  test('lets the workload in that brings its companions first', () => {
    const world = worldOf(production, budget('web'), networkPolicy('default-deny', 'Ingress', 'Egress'));
    const decision = judge(create(web), denying, world);
    expect(decision).toMatchObject({ allowed: true, unconfirmed: [] });
    expect(findingsOf(decision, 'Warn')).toEqual([]);
  });
});

test('a rule may say whenMissing and onLastDelete only of a check that waits for companions', () => {
  for (const field of ['whenMissing', 'onLastDelete'] as const)
    expect(() => policyWith({ check: 'compute/memory-limit', action: 'Warn', [field]: 'Deny' })).toThrow(
      `spec.rules[0].${field}: compute/memory-limit waits for no companion`,
    );
});
