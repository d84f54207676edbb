import { describe, expect, test } from 'vitest';
import { fields } from '../../src/kubernetes/fields.ts';
import { isolationPolicies, type PolicyFamily } from '../../src/kubernetes/isolation-policies.ts';
import { isIsolated, namespaceLabels } from '../../src/kubernetes/network-isolation.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { ObjectIndex } from '../../src/kubernetes/object-index.ts';

const shop = namespaceLabels('shop', { team: 'payments' });
const every: readonly PolicyFamily[] = ['networkpolicy', 'cilium', 'calico', 'antrea', 'anp', 'cnp'];

function policy(apiVersion: string, kind: string, spec: object): KubernetesObject {
  const clusterwide = /^(Cluster|Global|Admin|Baseline|CiliumClusterwide)/.test(kind);
  return { apiVersion, kind, metadata: { name: 'one', ...(!clusterwide && { namespace: 'shop' }) }, spec };
}

/** Which directions the policies close: for every pod of the namespace, or for one with these labels. */
function closed(policies: readonly KubernetesObject[], labels?: Record<string, string>, families = every): string {
  const view = new ObjectIndex('all');
  for (const [index, one] of policies.entries()) view.put({ ...one, metadata: { ...one.metadata, name: `p${index}` } });
  const found = isolationPolicies(view, shop, families);
  return (['ingress', 'egress'] as const).filter((direction) => isIsolated(found, direction, labels)).join('+');
}

const network = (spec: object) => policy('networking.k8s.io/v1', 'NetworkPolicy', spec);
const web = { matchLabels: { app: 'web' } };
const both = { policyTypes: ['Ingress', 'Egress'] };
const anyAddress = { ipBlock: { cidr: '0.0.0.0/0' } };

describe('NetworkPolicy', () => {
  test.each([
    ['both directions named', { podSelector: {}, ...both }, 'ingress+egress'],
    ['no policyTypes, no egress rules', { podSelector: {} }, 'ingress'],
    ['no policyTypes, an empty list of egress rules', { podSelector: {}, egress: [] }, 'ingress'],
    ['no policyTypes, an egress rule', { podSelector: {}, egress: [{ ports: [{ port: 53 }] }] }, 'ingress+egress'],
    ['egress alone', { podSelector: {}, policyTypes: ['Egress'] }, 'egress'],
    ['a selector that is null', { podSelector: null, ...both }, 'ingress+egress'],
    ['no selector', both, 'ingress+egress'],
    ['a selector with an empty map', { podSelector: { matchLabels: {} }, ...both }, 'ingress+egress'],
    ['a selector of some pods', { podSelector: web, ...both }, ''],
    ['an empty ingress rule', { podSelector: {}, ...both, ingress: [{}] }, 'egress'],
    ['an empty egress rule', { podSelector: {}, ...both, egress: [{ to: [], ports: null }] }, 'ingress'],
    ['any peer on one port', { podSelector: {}, ...both, ingress: [{ ports: [{ port: 80 }] }] }, 'ingress+egress'],
    ['any address', { podSelector: {}, ...both, egress: [{ to: [anyAddress] }] }, 'ingress'],
    [
      'any address on one port',
      { podSelector: {}, ...both, egress: [{ to: [anyAddress], ports: [{ port: 443 }] }] },
      'ingress+egress',
    ],
    [
      'any address but the metadata service',
      {
        podSelector: {},
        ...both,
        egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.169.254/32'] } }] }],
      },
      'ingress',
    ],
    [
      'any address but the private ones',
      { podSelector: {}, ...both, egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } }] }] },
      'ingress+egress',
    ],
  ])('%s', (_, spec, expected) => {
    expect(closed([network(spec)])).toBe(expected);
  });

  test('allow rules add up', () => {
    const allowAll = network({ podSelector: {}, policyTypes: ['Egress'], egress: [{}] });
    expect(closed([network({ podSelector: {}, ...both }), allowAll])).toBe('ingress');
  });

  test('an open rule for some pods leaves the others closed', () => {
    const openWeb = network({ podSelector: web, ingress: [{}] });
    const policies = [network({ podSelector: {}, ...both }), openWeb];
    expect(closed(policies)).toBe('ingress+egress');
    expect(closed(policies, { app: 'web' })).toBe('egress');
    expect(closed(policies, { app: 'db' })).toBe('ingress+egress');
  });

  test('a selector that asks for a label which comes later is given the benefit of the doubt', () => {
    const spec = { podSelector: { matchLabels: { 'job-name': 'import' } }, ...both };
    expect(closed([network(spec)], { app: 'import' })).toBe('ingress+egress');
  });
});

describe('Cilium', () => {
  const rules = { ingress: [{}], egress: [{}] };
  const named = (spec: object) => policy('cilium.io/v2', 'CiliumNetworkPolicy', spec);
  const clusterwide = (spec: object) => policy('cilium.io/v2', 'CiliumClusterwideNetworkPolicy', spec);
  const inShop = { matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'shop' } };
  const notInShop = {
    matchExpressions: [{ key: 'k8s:io.kubernetes.pod.namespace', operator: 'NotIn', values: ['shop'] }],
  };
  const byTeam = { matchLabels: { 'io.cilium.k8s.namespace.labels.team': 'payments' } };

  test.each([
    ['an empty rule in each direction', named({ endpointSelector: {}, ...rules }), 'ingress+egress'],
    ['an empty list is no rule', named({ endpointSelector: {}, ingress: [], egress: [{}] }), 'egress'],
    ['a rule that denies', named({ endpointSelector: {}, ingressDeny: [{ fromEntities: ['world'] }] }), 'ingress'],
    [
      'default deny switched off',
      named({ endpointSelector: {}, ...rules, enableDefaultDeny: { egress: false } }),
      'ingress',
    ],
    ['default deny switched on', named({ endpointSelector: {}, enableDefaultDeny: { ingress: true } }), 'ingress'],
    ['everyone by entity', named({ endpointSelector: {}, ...rules, ingress: [{ fromEntities: ['all'] }] }), 'egress'],
    [
      'every address, none of which is a pod',
      named({ endpointSelector: {}, ...rules, egress: [{ toCIDR: ['0.0.0.0/0'] }, { toCIDRSet: [{ cidr: '::/0' }] }] }),
      'ingress+egress',
    ],
    [
      'the own namespace',
      named({ endpointSelector: {}, ...rules, ingress: [{ fromEndpoints: [{}] }] }),
      'ingress+egress',
    ],
    ['some pods', named({ endpointSelector: web, ...rules }), ''],
    ['nodes', clusterwide({ nodeSelector: {}, ...rules }), ''],
    ['clusterwide, all namespaces', clusterwide({ endpointSelector: {}, ...rules }), 'ingress+egress'],
    ['clusterwide, this namespace', clusterwide({ endpointSelector: inShop, ...rules }), 'ingress+egress'],
    ['clusterwide, all but this one', clusterwide({ endpointSelector: notInShop, ...rules }), ''],
    ['clusterwide, by a label of the namespace', clusterwide({ endpointSelector: byTeam, ...rules }), 'ingress+egress'],
    [
      'clusterwide, everyone in the cluster',
      clusterwide({ endpointSelector: {}, ...rules, ingress: [{ fromEndpoints: [{}] }] }),
      'egress',
    ],
    ['several rules', { ...named({}), spec: undefined, specs: [{ endpointSelector: {}, ...rules }] }, 'ingress+egress'],
  ])('%s', (_, one, expected) => {
    expect(closed([one])).toBe(expected);
  });

  test('selects pods by their labels, with or without the name of their source', () => {
    for (const key of ['app', 'k8s:app', 'any:app']) {
      const spec = { endpointSelector: { matchLabels: { [key]: 'web' } }, ...rules };
      expect(closed([named(spec)], { app: 'web' })).toBe('ingress+egress');
      expect(closed([named(spec)], { app: 'db' })).toBe('');
    }
  });
});

describe.each(['crd.projectcalico.org/v1', 'projectcalico.org/v3'])('Calico %s', (apiVersion) => {
  const types = ['Ingress', 'Egress'];
  const named = (spec: object) => policy(apiVersion, 'NetworkPolicy', spec);
  const global = (spec: object) => policy(apiVersion, 'GlobalNetworkPolicy', spec);

  test.each([
    ['no rules', named({ types }), 'ingress+egress'],
    ['all()', named({ selector: 'all()', types }), 'ingress+egress'],
    ['types left out, no rules', named({}), 'ingress'],
    ['types left out, egress rules', named({ egress: [{ action: 'Deny' }] }), 'egress'],
    ['some pods', named({ selector: "app == 'web'", types }), ''],
    ['allows all ingress', named({ types, ingress: [{ action: 'Allow' }] }), 'egress'],
    [
      'allows all addresses',
      named({ types, egress: [{ action: 'Allow', destination: { nets: ['0.0.0.0/0'] } }] }),
      'ingress',
    ],
    ['allows a protocol', named({ types, ingress: [{ action: 'Allow', protocol: 'TCP' }] }), 'ingress+egress'],
    [
      'denies all before it allows all',
      named({ types, ingress: [{ action: 'Deny' }, { action: 'Allow' }] }),
      'ingress+egress',
    ],
    ['logs all', named({ types, ingress: [{ action: 'Log' }, { action: 'Allow' }] }), 'egress'],
    ['passes all on', named({ types, ingress: [{ action: 'Pass' }] }), 'egress'],
    ['global', global({ types }), 'ingress+egress'],
    [
      'global, not for this namespace',
      global({ types, namespaceSelector: 'projectcalico.org/name not in {"shop"}' }),
      '',
    ],
    ['global, for namespaces like this', global({ types, namespaceSelector: "team == 'payments'" }), 'ingress+egress'],
    [
      'global, for pods of any namespace',
      global({ types, selector: "projectcalico.org/namespace != 'kube-system'" }),
      'ingress+egress',
    ],
    ['global, for host interfaces', global({ types, preDNAT: true }), ''],
  ])('%s', (_, one, expected) => {
    expect(closed([one])).toBe(expected);
  });

  test('who denies is asked before who allows later', () => {
    const rules = (action: string) => ({ types, ingress: [{ action }], egress: [{ action }] });
    const deny = global({ order: 100, ...rules('Deny') });
    expect(closed([deny, global({ order: 2000, ...rules('Allow') })])).toBe('ingress+egress');
    expect(closed([deny, named(rules('Allow'))])).toBe('ingress+egress');
    expect(closed([deny, network({ podSelector: {}, ...both, ingress: [{}], egress: [{}] })])).toBe('ingress+egress');
    expect(closed([deny, global({ order: 50, ...rules('Allow') })])).toBe('');
    expect(closed([global(rules('Deny')), network({ podSelector: {}, ...both, ingress: [{}] })])).toBe('egress');
    expect(closed([{ ...deny, spec: { ...fields(deny['spec']), tier: 'late' } }, named(rules('Allow'))])).toBe('');
  });
});

describe('cluster-wide policies of the administrator', () => {
  const cluster = (spec: object) => policy('policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy', spec);
  const baseline = (spec: object) => policy('policy.networking.k8s.io/v1alpha1', 'BaselineAdminNetworkPolicy', spec);
  const admin = (spec: object) => policy('policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy', spec);
  const rules = {
    ingress: [{ action: 'Deny', from: [{ namespaces: {} }] }],
    egress: [{ action: 'Deny', to: [{ networks: ['0.0.0.0/0', '::/0'] }] }],
  };
  const everywhere = { subject: { namespaces: {} }, ...rules };
  const acceptAll = { action: 'Accept', from: [{ namespaces: {} }] };

  test.each([
    ['baseline', cluster({ tier: 'Baseline', ...everywhere }), 'ingress+egress'],
    [
      'baseline, all pods',
      cluster({ tier: 'Baseline', ...rules, subject: { pods: { podSelector: {} } } }),
      'ingress+egress',
    ],
    ['baseline, some pods', cluster({ tier: 'Baseline', ...rules, subject: { pods: { podSelector: web } } }), ''],
    ['baseline, another namespace', cluster({ tier: 'Baseline', ...rules, subject: { namespaces: web } }), ''],
    ['admin', cluster({ tier: 'Admin', ...everywhere }), 'ingress+egress'],
    ['the former kinds', baseline(everywhere), 'ingress+egress'],
    [
      'exceptions before the denial',
      cluster({
        tier: 'Baseline',
        ...everywhere,
        ingress: [{ action: 'Accept', from: [{ namespaces: web }] }, ...rules.ingress],
      }),
      'ingress+egress',
    ],
    [
      'acceptance of all before the denial',
      cluster({ tier: 'Baseline', ...everywhere, ingress: [acceptAll, ...rules.ingress] }),
      'egress',
    ],
    [
      'a denial of some peers',
      cluster({ tier: 'Baseline', ...everywhere, ingress: [{ action: 'Deny', from: [{ namespaces: web }] }] }),
      'egress',
    ],
    [
      'a denial on one port',
      cluster({
        tier: 'Baseline',
        ...everywhere,
        egress: [{ ...rules.egress[0], ports: [{ portNumber: { port: 80 } }] }],
      }),
      'ingress',
    ],
    [
      'egress to pods only',
      cluster({ tier: 'Baseline', ...everywhere, egress: [{ action: 'Deny', to: [{ namespaces: {} }] }] }),
      'ingress',
    ],
    ['passing on', admin({ ...everywhere, ingress: [{ action: 'Pass', from: [{ namespaces: {} }] }] }), 'egress'],
    ['no rules', cluster({ tier: 'Admin', subject: { namespaces: {} } }), ''],
  ])('%s', (_, one, expected) => {
    expect(closed([one])).toBe(expected);
  });

  test('a NetworkPolicy overrules the baseline, and an admin policy the NetworkPolicy', () => {
    const allowAll = network({ podSelector: {}, ...both, ingress: [{}], egress: [{}] });
    expect(closed([allowAll, cluster({ tier: 'Baseline', ...everywhere })])).toBe('');
    expect(closed([allowAll, cluster({ tier: 'Admin', ...everywhere })])).toBe('ingress+egress');
  });
});

describe('Antrea', () => {
  const antrea = (spec: object) => policy('crd.antrea.io/v1beta1', 'ClusterNetworkPolicy', { priority: 5, ...spec });
  const appliedTo = [{ namespaceSelector: { matchLabels: { team: 'payments' } } }];

  test.each([
    [
      'drops all',
      { tier: 'baseline', appliedTo, ingress: [{ action: 'Drop' }], egress: [{ action: 'Reject' }] },
      'ingress+egress',
    ],
    ['drops some', { appliedTo, ingress: [{ action: 'Drop', from: [{ namespaceSelector: {} }] }] }, ''],
    ['allows all first', { appliedTo, ingress: [{ action: 'Allow' }, { action: 'Drop' }] }, ''],
    ['selects without rules', { appliedTo }, ''],
    [
      'all pods of the cluster',
      { appliedTo: [{ podSelector: {} }], ingress: [{ action: 'Drop', from: [] }] },
      'ingress',
    ],
    ['some pods', { appliedTo: [{ podSelector: web }], ingress: [{ action: 'Drop' }] }, ''],
    ['a group', { appliedTo: [{ group: 'payments' }], ingress: [{ action: 'Drop' }] }, ''],
  ])('%s', (_, spec, expected) => {
    expect(closed([antrea(spec)])).toBe(expected);
  });
});

test('only the families that are accepted count', () => {
  const cilium = policy('cilium.io/v2', 'CiliumNetworkPolicy', { endpointSelector: {}, ingress: [{}] });
  expect(closed([cilium], undefined, ['networkpolicy'])).toBe('');
  expect(closed([cilium], undefined, ['cilium'])).toBe('ingress');
});
