import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Finding } from '../../../src/checks/check.ts';
import { clusterAdminBinding } from '../../../src/checks/identity/cluster-admin-binding.ts';
import { checks } from '../../../src/checks/index.ts';
import { readSubject } from '../../../src/engine/subject.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { ObjectIndex } from '../../../src/kubernetes/object-index.ts';
import { activatePolicy } from '../../../src/policy/active-policy.ts';
import { validate } from '../../../src/policy/validate.ts';

const policy = activatePolicy('test', { rules: [] }, [], checks);
const view = new ObjectIndex('all', { major: 1, minor: 36 });

/** Rules of the role that all bindings here name when they do not name cluster-admin. */
const approver = [
  { apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests/approval'], verbs: ['update'] },
  {
    apiGroups: ['certificates.k8s.io'],
    resources: ['signers'],
    resourceNames: ['kubernetes.io/*'],
    verbs: ['approve'],
  },
];
const certificateRole = 'system:controller:certificate-controller';
for (const name of [certificateRole, 'approver'])
  view.put({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name }, rules: approver });

test('only whom an update adds is judged', () => {
  const before = binding('team', 'cluster-admin', [user('jane')]);
  expect(found(binding('team', 'cluster-admin', [user('jane'), user('joe')]), before)).toEqual(['subject/User/joe']);
  expect(found({ ...before, metadata: { name: 'team', labels: { a: 'b' } } }, before)).toEqual([]);
});

test.each([
  ["the control plane's own part", certificateRole, certificateRole, 'certificate-controller', 0],
  ['another account under its name', certificateRole, certificateRole, 'mallory', 1],
  ['its account under another name', 'system:evil', certificateRole, 'certificate-controller', 1],
  ['a role that is not its own', 'approver', 'approver', 'certificate-controller', 1],
])('%s', (_title, name, role, account, count) => {
  expect(
    found(binding(name, role, [{ kind: 'ServiceAccount', name: account, namespace: 'kube-system' }])),
  ).toHaveLength(count);
});

test('the binding to paste is for the same subject, and no finding', () => {
  const deployer = { kind: 'ServiceAccount', name: 'deployer', namespace: 'ci' };
  const [finding] = judge(binding('ci', 'cluster-admin', [deployer]));
  const lines = finding?.fix.split('\n') ?? [];
  expect(lines.at(-1)).toMatch(
    /^Or ask whoever runs daytwo to add "system:serviceaccount:ci:deployer" to allowedSubjects/,
  );
  const pasted = parseAllDocuments(lines.slice(1, -1).join('\n').replaceAll('<namespace>', 'shop')).map(
    (document) => document.toJS() as KubernetesObject,
  );
  expect(pasted).toMatchObject([{ kind: 'Role' }, { kind: 'RoleBinding', subjects: [deployer] }]);
  expect(found(pasted[1] as KubernetesObject)).toEqual([]);
});

test.each([
  ['a token', { kind: 'ServiceAccount', name: 'deployer', namespace: 'ci' }, /^whoever holds one token of it owns/],
  ['its members', { kind: 'Group', name: 'team-a' }, /^every member of it owns/],
  ['nothing at all', user('system:anonymous'), /without a login, owns/],
])('to act as it takes %s', (_title, who, expected) => {
  expect(judge(binding('team', 'cluster-admin', [who]))[0]?.why).toMatch(expected);
});

function found(object: KubernetesObject, oldObject?: KubernetesObject): readonly string[] {
  return judge(object, oldObject).map(({ identity }) => identity);
}

function judge(object: KubernetesObject, oldObject?: KubernetesObject): readonly Finding[] {
  const operation = oldObject === undefined ? 'CREATE' : 'UPDATE';
  const request = {
    object,
    oldObject,
    operation,
    subresource: undefined,
    source: 'admission',
    namespace: object.metadata.namespace,
  } as const;
  const subject = readSubject({ ...request, user: 'jane', dryRun: false, now: 0 }, object, policy, view);
  const configured = clusterAdminBinding.configure({}, validate);
  if (!('evaluate' in configured)) throw new Error(JSON.stringify(configured));
  return [...configured.evaluate(subject, view)];
}

function user(name: string): object {
  return { kind: 'User', name, apiGroup: 'rbac.authorization.k8s.io' };
}

function binding(name: string, role: string, subjects: readonly object[]): KubernetesObject {
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role };
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef,
    subjects,
  };
}
