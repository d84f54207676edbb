import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import type { CheckSubject, ConfiguredCheck } from '../../../src/checks/check.ts';
import { defaultDeny } from '../../../src/checks/network/default-deny.ts';
import { dnsEgress } from '../../../src/checks/network/dns-egress.ts';
import type { Knowledge } from '../../../src/kubernetes/cluster-view.ts';
import { groupKindOf, type KubernetesObject } from '../../../src/kubernetes/object.ts';
import { ObjectIndex } from '../../../src/kubernetes/object-index.ts';
import { readWorkload } from '../../../src/kubernetes/workload.ts';

const namespace = (labels: Record<string, string> = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'shop', labels },
});
const deployment = (name: string, spec: object = {}): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'shop' },
  spec: { template: { metadata: { labels: { app: name } }, spec } },
});
const policy = (spec: object, name = 'one'): KubernetesObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: 'shop' },
  spec,
});
const closeAll = policy({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] }, 'default-deny');

function world(knowledge: Knowledge, ...objects: KubernetesObject[]): ObjectIndex {
  const view = new ObjectIndex(knowledge);
  for (const object of objects) view.put(object);
  return view;
}

function subject(object: KubernetesObject, tweak: Partial<CheckSubject> = {}): CheckSubject {
  return {
    object,
    groupKind: groupKindOf(object),
    namespace: object.metadata.namespace,
    inSystemNamespace: false,
    operation: 'CREATE',
    subresource: undefined,
    source: 'admission',
    workload: readWorkload(object),
    tier: 'production',
    user: 'jane',
    now: 0,
    ...tweak,
  };
}

function find(one: CheckSubject, view: ObjectIndex, params: object = {}) {
  return [...(defaultDeny.configure(params, () => []) as ConfiguredCheck).evaluate(one, view)];
}

describe('order of apply does not matter', () => {
  test.each([
    [
      'the policy that arrives is judged with itself in place',
      policy({ podSelector: {}, egress: [{}] }),
      ['open/egress'],
    ],
    ['a policy is judged by its new state', closeAll, []],
  ])('%s', (_, object, expected) => {
    const former = policy({ podSelector: {}, egress: [{}] }, object.metadata.name);
    const view = world('all', namespace(), former);
    expect(find(subject(object, { operation: 'UPDATE' }), view).map((one) => one.identity)).toEqual(expected);
  });

  test('a workload before the policies is pending, after them fine', () => {
    const [finding] = find(subject(deployment('web')), world('all', namespace()));
    expect(finding).toMatchObject({ identity: 'ingress+egress', pending: true, atMost: 'Warn' });
    expect(find(subject(deployment('web')), world('all', namespace(), closeAll))).toEqual([]);
  });
});

describe('knowledge', () => {
  const check = defaultDeny.configure({}, () => []) as ConfiguredCheck;

  test('among some files nothing is proven by absence, and the outcome says so', () => {
    const view = world('some', namespace());
    expect(find(subject(deployment('web')), view)).toEqual([]);
    expect(check.unknown(subject(deployment('web')), view)).toBe('networking.k8s.io/NetworkPolicy');
  });

  test('what is found among them does prove something', () => {
    const open = policy({ podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [{}] });
    expect(find(subject(namespace()), world('some', open)).map((one) => one.identity)).toEqual(['open/ingress']);
    expect(check.unknown(subject(deployment('web')), world('some', closeAll))).toBeUndefined();
  });

  test('a namespace that is not known yet is judged by its name', () => {
    expect(find(subject(deployment('web')), world('all', closeAll))).toEqual([]);
  });
});

describe('who is told', () => {
  const open = world('all', namespace());

  test.each([
    ['an update of a workload', subject(deployment('web'), { operation: 'UPDATE' }), 0],
    ['a pod on the network of its node', subject(deployment('web', { hostNetwork: true })), 0],
    ['a label that takes the exemption back', subject(namespace({ 'daytwo.dev/network-exempt': 'false' })), 1],
    ['an object without a namespace', subject(deployment('web'), { namespace: undefined }), 0],
  ])('%s', (_, one, findings) => {
    expect(find(one, open)).toHaveLength(findings);
  });

  test('nobody about what an operator made', () => {
    const owner = { apiVersion: 'db.example/v1', kind: 'Cluster', name: 'db', uid: '1', controller: true };
    const made = { ...deployment('db'), metadata: { ...deployment('db').metadata, ownerReferences: [owner] } };
    expect(find(subject(made), open)).toEqual([]);
  });

  test('nobody in an exempt namespace', () => {
    const exempt = world('all', namespace({ 'daytwo.dev/network-exempt': 'scratch space' }));
    expect(find(subject(deployment('web')), exempt)).toEqual([]);
    expect(find(subject(policy({ podSelector: {}, egress: [{}] })), exempt)).toEqual([]);
  });

  test('the namespace about its workloads, the first by name', () => {
    const view = world(
      'all',
      deployment('a'),
      deployment('b'),
      deployment('c'),
      deployment('host', { hostNetwork: true }),
    );
    const [finding] = find(subject(namespace(), { operation: 'UPDATE' }), view);
    expect(finding?.message).toBe(
      'no policy denies ingress and egress by default for Deployment a and 2 more workloads',
    );
    expect(finding?.atMost).toBe('Audit');
  });
});

test('the policies to paste close what was open, and let DNS out', () => {
  for (const directions of [['ingress'], ['egress'], ['ingress', 'egress']]) {
    const [finding] = find(subject(namespace()), world('all'), { directions });
    const pasted = parseAllDocuments(finding?.fix.split('\n').slice(1).join('\n') ?? '').map(
      (one) => one.toJS() as KubernetesObject,
    );
    expect(find(subject(namespace()), world('all', ...pasted), { directions })).toEqual([]);
    expect(pasted.some(({ metadata }) => metadata.name === 'allow-dns')).toBe(directions.includes('egress'));
  }
});

test.each([
  ['every address', { to: [{ podSelector: {} }, { ipBlock: { cidr: '0.0.0.0/0' } }] }],
  ['all but the metadata service', { to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.169.254/32'] } }] }],
])('a rule for %s is closed by the one to paste, and DNS stays open', (_, rule) => {
  const open = policy({ podSelector: {}, policyTypes: ['Egress'], egress: [rule] });
  const [finding] = find(subject(open), world('all', namespace()), { directions: ['egress'] });
  const [pasted, dns] = (finding?.fix.split('\n').slice(1).join('\n') ?? '')
    .split('\n---\n')
    .map((yaml) => parse(yaml) as unknown);
  expect(pasted).toMatchObject([{ to: rule.to.map((peer) => ('ipBlock' in peer ? {} : peer)) }]);
  expect(JSON.stringify(pasted)).toContain('169.254.169.254/32');
  const closed = policy({ podSelector: {}, policyTypes: ['Egress'], egress: pasted });
  const view = world('all', namespace(), dns as KubernetesObject);
  expect(find(subject(closed), view, { directions: ['egress'] })).toEqual([]);
  const judged = dnsEgress.configure({}, () => []) as ConfiguredCheck;
  expect([...judged.evaluate(subject(closed), view)]).toEqual([]);
  expect([...judged.evaluate(subject(closed), world('all', namespace()))]).toHaveLength(1);
});

describe('rules for a direction that the policy is not for', () => {
  test.each([
    ['an empty list, which a file shows', { egress: [] }, ['idle/egress']],
    ['rules for egress', { policyTypes: ['Ingress'], egress: [{ ports: [{ port: 53 }] }] }, ['idle/egress']],
    ['rules for ingress', { policyTypes: ['Egress'], ingress: [{ ports: [{ port: 80 }] }] }, ['idle/ingress']],
    ['an empty list where the author has chosen', { policyTypes: ['Ingress'], egress: [] }, []],
  ])('%s', (_, spec, expected) => {
    const found = find(subject(policy({ podSelector: {}, ...spec }), { source: 'files' }), world('some'));
    expect(found.map((one) => one.identity)).toEqual(expected);
  });

  test('do no harm where another policy closes that direction', () => {
    expect(find(subject(policy({ podSelector: {}, egress: [] })), world('all', closeAll))).toEqual([]);
  });
});
