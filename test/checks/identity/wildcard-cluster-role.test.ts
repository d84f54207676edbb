import { expect, test } from 'vitest';
import { wildcardClusterRole } from '../../../src/checks/identity/wildcard-cluster-role.ts';
import { checks } from '../../../src/checks/index.ts';
import { judge } from '../../../src/engine/judge.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { ObjectIndex } from '../../../src/kubernetes/object-index.ts';
import { activatePolicy } from '../../../src/policy/active-policy.ts';
import { validate } from '../../../src/policy/validate.ts';

const configured = wildcardClusterRole.configure({}, validate);
if (!('evaluate' in configured)) throw new Error(JSON.stringify(configured));
const strict = { rule: { check: wildcardClusterRole.id, action: 'Deny' }, configured } as const;
const policy = activatePolicy('test', { rules: [] }, [strict], checks);
const view = new ObjectIndex('all', { major: 1, minor: 36 });

const reading = ['get', 'list', 'watch'];

test.each([
  ['from reading all to everything', { verbs: reading }, { verbs: ['*'] }, false],
  ['from reading all to writing', { verbs: reading }, { verbs: ['create'] }, false],
  ['from everything to reading all', { verbs: ['*'] }, { verbs: reading }, true],
  ['from one Secret to all', secret({ resourceNames: ['tls'] }), secret({}), false],
  ['from all Secrets to one', secret({}), secret({ resourceNames: ['tls'] }), true],
])('an update %s', (_title, before, after, allowed) => {
  const request = {
    object: role(after),
    oldObject: role(before),
    operation: 'UPDATE',
    subresource: undefined,
    source: 'admission',
    namespace: undefined,
    user: 'jane',
    dryRun: false,
    now: 0,
  } as const;
  expect(judge(request, policy, view).allowed).toBe(allowed);
});

function secret(more: object): object {
  return { apiGroups: [''], resources: ['secrets'], verbs: ['*'], ...more };
}

function role(rule: object): KubernetesObject {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'all' },
    rules: [{ apiGroups: ['*'], resources: ['*'], ...rule }],
  };
}
