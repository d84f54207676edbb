import { expect, test } from 'vitest';
import { staticCloudCredentials } from '../../src/checks/identity/static-cloud-credentials.ts';
import { judge } from '../../src/engine/judge.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { credential } from '../fixtures/credentials.ts';
import { policyOf, update, worldOf } from './engine-kit.ts';

const policy = policyOf(staticCloudCredentials);

function configMap(key: string, labels = {}): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'storage', namespace: 'shop', labels },
    data: { AZURE_CLIENT_SECRET: key },
  };
}

const old = credential('azure-client-secret');
const other = old.replace(/.{4}$/, 'wXyZ');

test('an old key lets other edits pass with a warning, and another key in its place is new', () => {
  expect(judge(update(configMap(old), configMap(old, { a: 'b' })), policy, worldOf()).allowed).toBe(true);
  expect(judge(update(configMap(old), configMap(other)), policy, worldOf()).allowed).toBe(false);
});
