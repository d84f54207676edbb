import { describe, expect, test } from 'vitest';
import { judge } from '../../src/engine/judge.ts';
import { ObjectIndex } from '../../src/kubernetes/object-index.ts';
import { create, deployment, imageTagCheck, namespace, pod, policyOf, shown, update, worldOf } from './engine-kit.ts';

const check = imageTagCheck();
const policy = policyOf(check);
const nothing = worldOf();
const bad = deployment({ app: 'app' });
const good = deployment({ app: 'app:1' });

describe('a finding', () => {
  test('denies', () => {
    const decision = judge(create(bad), policy, nothing);
    expect(decision.allowed).toBe(false);
    expect(shown(decision)).toEqual(['container/app/image Deny']);
    expect(decision.results[0]?.findings[0]).toMatchObject({ why: 'nobody knows what runs', severity: 'high' });
  });

  test('does not appear on an object without fault', () => {
    expect(judge(create(good), policy, nothing)).toMatchObject({ allowed: true, results: [{ outcome: 'pass' }] });
  });

  test.each([
    ['Warn', true],
    ['Audit', true],
  ] as const)('under %s is admitted and kept', (action, allowed) => {
    const decision = judge(create(bad), policyOf(check, { action }), nothing);
    expect(decision.allowed).toBe(allowed);
    expect(shown(decision)).toEqual([`container/app/image ${action}`]);
  });

  test('under Off is not looked for', () => {
    expect(judge(create(bad), policyOf(check, { action: 'Off' }), nothing).results).toEqual([]);
  });

  test('never goes beyond what it can justify itself', () => {
    const mild = imageTagCheck({
      evaluate: () => [
        {
          identity: 'x',
          path: '',
          message: 'x',
          fix: 'X',
          atMost: { production: 'Deny', standard: 'Warn', sandbox: 'Audit' },
        },
      ],
    });
    const in_ = (tier: string) => worldOf(namespace('shop', { 'daytwo.dev/tier': tier }));
    expect(shown(judge(create(bad), policyOf(mild), in_('production')))).toEqual(['x Deny']);
    expect(shown(judge(create(bad), policyOf(mild), in_('standard')))).toEqual(['x Warn']);
    expect(shown(judge(create(bad), policyOf(mild), in_('sandbox')))).toEqual(['x Audit']);
  });
});

test('a check that only a running cluster can answer is skipped elsewhere, not passed', () => {
  const live = imageTagCheck({ sources: ['live'] });
  const [skipped] = judge(create(bad), policyOf(live), nothing).results;
  expect(skipped).toMatchObject({ outcome: 'skip', findings: [], reason: { code: 'unknown' } });
  expect(shown(judge({ ...create(bad), source: 'live' }, policyOf(live), nothing))).toEqual([
    'container/app/image Deny',
  ]);
});

describe('tiers', () => {
  const byTier = policyOf(check, { action: { production: 'Deny', standard: 'Warn' } });

  test.each([
    ['a namespace without labels', {}, undefined, 'Warn'],
    ['daytwo.dev/tier', { 'daytwo.dev/tier': 'production' }, undefined, 'Deny'],
    ['a customary label in any case', { env: 'PROD' }, undefined, 'Deny'],
    ['stage: live', { stage: 'live' }, undefined, 'Deny'],
    ['a customary sandbox label', { environment: 'dev' }, undefined, undefined],
    ['an unknown value of the tier label', { 'daytwo.dev/tier': 'gold', env: 'prod' }, undefined, 'Deny'],
    ['a workload that raises its tier', {}, 'production', 'Deny'],
    ['a workload that tries to lower its tier', { env: 'prod' }, 'sandbox', 'Deny'],
    ['a value that only resembles production', { env: 'nonprod' }, undefined, 'Warn'],
  ])('%s', (_case, labels, own, action) => {
    const object =
      own === undefined ? bad : { ...bad, metadata: { ...bad.metadata, labels: { 'daytwo.dev/tier': own } } };
    const decision = judge(create(object), byTier, worldOf(namespace('shop', labels)));
    expect(shown(decision)).toEqual(action === undefined ? [] : [`container/app/image ${action}`]);
  });

  test('a template label raises the tier too', () => {
    const object = structuredClone(bad) as typeof bad & {
      spec: { template: { metadata: { labels: Record<string, string> } } };
    };
    object.spec.template.metadata.labels['daytwo.dev/tier'] = 'production';
    expect(shown(judge(create(object), byTier, nothing))).toEqual(['container/app/image Deny']);
  });

  test("the policy's selector replaces the customary labels", () => {
    const selected = policyOf(
      check,
      { action: { production: 'Deny' } },
      { tiers: { default: 'sandbox', production: { namespaceSelector: { matchLabels: { zone: 'gold' } } } } },
    );
    expect(shown(judge(create(bad), selected, worldOf(namespace('shop', { zone: 'gold' }))))).toHaveLength(1);
    expect(shown(judge(create(bad), selected, worldOf(namespace('shop', { env: 'prod' }))))).toHaveLength(0);
  });
});

test('a scale is let through by whoever applies a file, though it brings a finding with it', () => {
  const scaled = imageTagCheck({
    *evaluate({ workload, object }) {
      if ((workload?.replicas ?? 1) > 1)
        yield { identity: 'spread', path: '/spec/template', message: 'not spread', fix: 'Spread' };
      if (object.metadata.annotations)
        yield { identity: 'key', path: '/metadata/annotations', message: 'a key', fix: 'Remove' };
    },
  });
  const one = deployment({ app: 'app:1' });
  const spec = one['spec'] as Readonly<Record<string, unknown>>;
  const three = { ...one, spec: { ...spec, replicas: 3 } };
  expect(judge(create(three), policyOf(scaled), nothing).allowed).toBe(false);
  expect(shown(judge(update(one, three), policyOf(scaled), nothing))).toEqual(['spread Warn']);
  const paused = { ...three, spec: { ...spec, replicas: 3, paused: true } };
  expect(judge(update(one, paused), policyOf(scaled), nothing).allowed).toBe(false);
  const withKey = { ...three, metadata: { ...three.metadata, annotations: { key: 'secret' } } };
  expect(shown(judge(update(one, withKey), policyOf(scaled), nothing))).toEqual(['spread Warn', 'key Deny']);
});

test('a label on what has no template is let through even by a rule without ratchet', () => {
  const sinning = imageTagCheck({
    kinds: ['core/ConfigMap'],
    *evaluate({ object }) {
      if (object['data'] !== undefined) yield { identity: 'key', path: '/data', message: 'a key', fix: 'Remove' };
    },
  });
  const hard = policyOf(sinning, { ratchet: false });
  const before = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'c', namespace: 'shop' },
    data: { key: 'k' },
  };
  const labelled = { ...before, metadata: { ...before.metadata, labels: { a: 'b' } } };
  expect(judge(update(before, labelled), hard, nothing).allowed).toBe(true);
  expect(judge(update(before, { ...before, data: { key: 'k', other: 'o' } }), hard, nothing).allowed).toBe(false);
});

test('an owner that controls nothing is no operator, whoever asks', () => {
  const asked = { user: 'system:serviceaccount:argocd:controller' };
  const ownedBy = (apiVersion: string, kind: string) =>
    create(pod('app', { ownerReferences: [{ apiVersion, kind, name: 'o', uid: 'u', controller: true }] }), asked);
  expect(judge(ownedBy('v1', 'ConfigMap'), policy, nothing).allowed).toBe(false);
  expect(judge(ownedBy('storage.k8s.io/v1', 'StorageClass'), policy, nothing).allowed).toBe(false);
  expect(judge(ownedBy('example.com/v1', 'Database'), policy, nothing).allowed).toBe(true);
});

test('fields that nobody knows may be nested as deep as they like', () => {
  const before = deployment({ app: 'app:1' }, { junk: nested(50_000) });
  const after = deployment({ app: 'app' }, { junk: nested(50_000) });
  expect(judge(update(before, after), policy, nothing).allowed).toBe(false);
});

function nested(depth: number): unknown {
  let deep: unknown = 1;
  for (let i = 0; i < depth; i++) deep = { a: deep };
  return deep;
}

describe('the ratchet', () => {
  const both = deployment({ app: 'app', extra: 'extra' });

  test('lets an old violation pass with a warning', () => {
    const decision = judge(update(bad, { ...bad, metadata: { ...bad.metadata, labels: { a: 'b' } } }), policy, nothing);
    expect(decision.allowed).toBe(true);
    expect(decision.results[0]).toMatchObject({ outcome: 'warn', findings: [{ action: 'Warn', preexisting: true }] });
  });

  test('refuses a new violation beside an old one, and only that', () => {
    const decision = judge(update(bad, both), policy, nothing);
    expect(decision.allowed).toBe(false);
    expect(shown(decision)).toEqual(['container/app/image Warn', 'container/extra/image Deny']);
  });

  test('goes by names: a container moved to another index is no new violation', () => {
    const moved = deployment({ fine: 'fine:1', app: 'app' });
    expect(judge(update(bad, moved), policy, nothing).allowed).toBe(true);
  });

  test('cannot be used in two steps: what was mended does not come back', () => {
    expect(judge(update(good, bad), policy, nothing).allowed).toBe(false);
  });

  test('switched off, an old violation denies when the template changes and not when it is scaled', () => {
    const hard = policyOf(check, { ratchet: false });
    const scaled = { ...bad, spec: { ...(bad['spec'] as object), replicas: 5 } };
    expect(judge(update(bad, scaled), hard, nothing).allowed).toBe(true);
    expect(judge(update(bad, deployment({ app: 'app', fine: 'fine:1' })), hard, nothing).allowed).toBe(false);
  });
});

describe('is let through unjudged', () => {
  const deleting = {
    ...bad,
    metadata: { ...bad.metadata, deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['a'] },
  };
  const owned = {
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'u', controller: true }],
  };

  test.each([
    ['a system namespace', create({ ...bad, metadata: { name: 'x', namespace: 'kube-system' } })],
    ['daytwo’s own namespace', create({ ...bad, metadata: { name: 'x', namespace: 'guardrails' } })],
    ['an object being deleted', update(deleting, { ...deleting, metadata: { ...deleting.metadata, finalizers: [] } })],
    ['a change of finalizers only', update({ ...bad, metadata: { ...bad.metadata, finalizers: ['a'] } }, bad)],
    ['a status', update(bad, { ...bad, status: { replicas: 1 } })],
    ['a node', create(pod('app'), { user: 'system:node:a' })],
    [
      'a Pod made by the ReplicaSet controller',
      create(pod('app', owned), { user: 'system:serviceaccount:kube-system:replicaset-controller' }),
    ],
    ['a Pod made by the controller manager', create(pod('app', owned), { user: 'system:kube-controller-manager' })],
    ['a deletion', create(bad, { operation: 'DELETE' })],
  ])('%s', (_case, request) => {
    const decision = judge(request, policyOf(check, {}, {}, 'guardrails'), nothing);
    expect(decision.bypass).toBeTypeOf('string');
    expect(decision.allowed).toBe(true);
  });

  test.each([
    ['a Pod whose owner a developer wrote', create(pod('app', owned))],
    [
      'a Pod that the ReplicaSet controller would never make',
      create(
        pod('app', {
          ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'j', uid: 'u', controller: true }],
        }),
        {
          user: 'system:serviceaccount:kube-system:replicaset-controller',
        },
      ),
    ],
    ['a deletionTimestamp on a new object', create(deleting)],
    ['new content of what is being deleted', update({ ...good, metadata: deleting.metadata }, deleting)],
    [
      'a Deployment of a service account in kube-system',
      create(bad, { user: 'system:serviceaccount:kube-system:tiller' }),
    ],
    [
      'a namespace that only resembles a system one',
      create({ ...bad, metadata: { name: 'x', namespace: 'my-kube-system' } }),
    ],
  ])('but not %s', (_case, request) => {
    expect(judge(request, policy, nothing).allowed).toBe(false);
  });

  test('and the Pods of a CloneSet are judged at the CloneSet, unless the policy believes no service account', () => {
    const owner = [{ apiVersion: 'apps.kruise.io/v1alpha1', kind: 'CloneSet', name: 'c', uid: 'u', controller: true }];
    const request = create(pod('app', { ownerReferences: owner }), {
      user: 'system:serviceaccount:kruise-system:manager',
    });
    const cloneSet = { apiVersion: 'apps.kruise.io/v1alpha1', kind: 'CloneSet', metadata: { name: 'c', uid: 'u' } };
    const { namespace: place = '' } = request;
    const there = worldOf({ ...cloneSet, metadata: { ...cloneSet.metadata, namespace: place } });
    expect(judge(request, policy, there).bypass).toBeTypeOf('string');
    expect(judge(request, policyOf(check, {}, { enforceUnknownOwners: true }), there).allowed).toBe(false);
    expect(judge({ ...request, user: 'jane' }, policy, there).allowed).toBe(false);
    // One that is not there is an owner that anybody may have written.
    expect(shown(judge(request, policy, nothing))).toEqual(['container/app/image Warn']);
  });

  test('and a Pod of an operator’s own kind only warns, unless the policy enforces it', () => {
    const cluster = [{ apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', name: 'c', uid: 'u', controller: true }];
    const request = create(pod('app', { ownerReferences: cluster }), { user: 'system:serviceaccount:cnpg:operator' });
    expect(shown(judge(request, policy, nothing))).toEqual(['container/app/image Warn']);
    expect(judge(request, policyOf(check, {}, { enforceUnknownOwners: true }), nothing).allowed).toBe(false);
    expect(judge({ ...request, user: 'jane' }, policy, nothing).allowed).toBe(false);
  });

  test('and so does what an operator makes for its own Deployment, but not what a built-in controller would make', () => {
    const owner = (kind: string) => [{ apiVersion: 'apps/v1', kind, name: 'operator', uid: 'u', controller: true }];
    const ofDeployment = create(
      { ...bad, metadata: { ...bad.metadata, ownerReferences: owner('Deployment') } },
      { user: 'system:serviceaccount:rook-ceph:operator' },
    );
    expect(shown(judge(ofDeployment, policy, nothing))).toEqual(['container/app/image Warn']);
    expect(judge(ofDeployment, policyOf(check, {}, { enforceUnknownOwners: true }), nothing).allowed).toBe(false);
    expect(judge({ ...ofDeployment, user: 'jane' }, policy, nothing).allowed).toBe(false);
    const ofReplicaSet = create(pod('app', { ownerReferences: owner('ReplicaSet') }), {
      user: 'system:serviceaccount:rook-ceph:operator',
    });
    expect(judge(ofReplicaSet, policy, nothing).allowed).toBe(false);
  });
});

describe('an owner that spares an object', () => {
  const sparing = imageTagCheck({
    *evaluate({ workload }) {
      if (workload?.controller === undefined)
        yield { identity: 'own', path: '', message: 'it is nobody’s', fix: 'Own it' };
    },
  });
  const owned = pod('app', {
    ownerReferences: [{ apiVersion: 'example.com/v1', kind: 'Database', name: 'db', uid: 'u', controller: true }],
  });
  const operator = { user: 'system:serviceaccount:databases:operator' };

  test('is believed of a program and of a file', () => {
    expect(judge(create(owned, operator), policyOf(sparing), nothing).allowed).toBe(true);
    expect(judge(create(owned, { user: undefined }), policyOf(sparing), nothing).allowed).toBe(true);
  });

  test('is not believed of a person, when it is written or later', () => {
    expect(judge(create(owned), policyOf(sparing), nothing).allowed).toBe(false);
    const edited = { ...owned, metadata: { ...owned.metadata, labels: { a: 'b' } } };
    expect(shown(judge(update(owned, edited), policyOf(sparing), nothing))).toEqual(['own Warn']);
  });

  test('is believed of nobody where the policy enforces unknown owners', () => {
    const hard = policyOf(sparing, {}, { enforceUnknownOwners: true });
    expect(judge(create(owned, operator), hard, nothing).allowed).toBe(false);
  });
});

describe('a fault in a check', () => {
  const faulty = imageTagCheck({
    evaluate: () => {
      throw new SyntaxError('Unexpected token s in "secret-value" is not JSON');
    },
  });

  test('is an outcome, allows, and never quotes the input', () => {
    const decision = judge(create(bad), policyOf(faulty), nothing);
    expect(decision).toMatchObject({ allowed: true, results: [{ outcome: 'error', reason: { code: 'faulted' } }] });
    expect(JSON.stringify(decision)).not.toContain('secret-value');
  });

  test('denies where the rule says so', () => {
    expect(judge(create(bad), policyOf(faulty, { onFault: 'Deny' }), nothing).allowed).toBe(false);
  });
});

describe('what is not known', () => {
  test('skips the check and allows', () => {
    const reader = imageTagCheck({ reads: { 'policy/PodDisruptionBudget': 'some' } });
    const decision = judge(create(bad), policyOf(reader), new ObjectIndex('none'));
    expect(decision).toMatchObject({ allowed: true, results: [{ outcome: 'skip', reason: { code: 'unknown' } }] });
    expect(judge(create(bad), policyOf(reader), new ObjectIndex('some')).allowed).toBe(false);
  });
});

describe('an allow annotation', () => {
  const lenient = imageTagCheck({ allowAnnotation: 'daytwo.dev/allow-untagged' });
  const annotated = (value: string) => ({
    ...bad,
    metadata: { ...bad.metadata, annotations: { 'daytwo.dev/allow-untagged': value } },
  });

  test('with a reason exempts and is counted', () => {
    expect(judge(create(annotated('local registry')), policyOf(lenient), nothing)).toMatchObject({
      allowed: true,
      results: [{ outcome: 'skip', reason: { code: 'exempt', message: 'daytwo.dev/allow-untagged: local registry' } }],
    });
  });

  test.each(['', '  '])('without a reason (%j) counts as none', (reason) => {
    expect(judge(create(annotated(reason)), policyOf(lenient), nothing).allowed).toBe(false);
  });

  test('that the check does not name has no effect', () => {
    expect(judge(create(annotated('please')), policy, nothing).allowed).toBe(false);
  });
});

describe('match', () => {
  const prod = worldOf(namespace('shop', { env: 'prod' }));

  test.each([
    ['namespaces by glob', { namespaces: ['sh*'] }, 1],
    ['another namespace', { namespaces: ['bank'] }, 0],
    ['an excluded namespace', { excludeNamespaces: ['shop'] }, 0],
    ['namespaceSelector', { namespaceSelector: { matchLabels: { env: 'prod' } } }, 1],
    ['namespaceSelector that selects others', { namespaceSelector: { matchLabels: { env: 'dev' } } }, 0],
    ['objectSelector', { objectSelector: { matchLabels: { a: 'b' } } }, 0],
    ['kinds', { kinds: ['apps/Deployment'] }, 1],
    ['other kinds', { kinds: ['core/Pod'] }, 0],
  ])('%s', (_case, match, findings) => {
    expect(shown(judge(create(bad), policyOf(check, { match }), prod))).toHaveLength(findings);
  });
});

describe('operations and subresources', () => {
  test('a check that judges CREATE only is silent on UPDATE', () => {
    const onCreate = policyOf(imageTagCheck({ operations: ['CREATE'] }));
    expect(judge(create(bad), onCreate, nothing).allowed).toBe(false);
    expect(judge(update(good, bad), onCreate, nothing).results).toEqual([]);
  });

  test('a subresource is judged only by checks that name it', () => {
    const request = update(pod('app:1'), pod('app'), { subresource: 'ephemeralcontainers' });
    expect(judge(request, policy, nothing).results).toEqual([]);
    const named = policyOf(imageTagCheck({ subresources: ['ephemeralcontainers'] }));
    expect(judge(request, named, nothing).allowed).toBe(false);
  });
});

describe('a finding that speaks for several', () => {
  const summing = imageTagCheck({
    *evaluate({ workload }) {
      const names = workload?.template.containers.map(({ name }) => `container/${name}`) ?? [];
      yield { identity: 'pod', covers: names, path: '', message: 'all of them', fix: 'Mend' };
    },
  });

  test('is new on UPDATE only if one of them is', () => {
    const both = deployment({ app: 'app', extra: 'extra' });
    expect(judge(update(both, bad), policyOf(summing), nothing).allowed).toBe(true);
    expect(judge(update(bad, both), policyOf(summing), nothing).allowed).toBe(false);
  });
});

test('a check that found nothing but could not see enough is skipped, not passed', () => {
  const shortSighted = imageTagCheck({ evaluate: () => [], unknown: () => 'policy/PodDisruptionBudget' });
  const decision = judge(create(bad), policyOf(shortSighted), nothing);
  expect(decision.results).toMatchObject([{ outcome: 'skip', reason: { code: 'unknown' } }]);
});
