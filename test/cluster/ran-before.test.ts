import { afterEach, expect, test } from 'vitest';
import { ranBefore } from '../../src/cluster/ran-before.ts';
import { type ApiStub, answerJson, failure, startApiStub } from './api-stub.ts';

let stub: ApiStub | undefined;
afterEach(async () => {
  await stub?.stop();
});

const spec = { containers: [{ name: 'app', image: 'app:1' }] };
const template = { metadata: { labels: { app: 'web' } }, spec };
const workload = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', uid: 'mine' },
  spec: { selector: { matchLabels: { app: 'web' } }, template },
};

function revision(uid: string, image: string, hash = 'abc', controller = true): object {
  return {
    metadata: { name: `web-${hash}`, ownerReferences: [{ uid, controller }] },
    spec: {
      template: {
        metadata: { labels: { app: 'web', 'pod-template-hash': hash } },
        spec: { containers: [{ name: 'app', image }] },
      },
    },
  };
}

async function ask(
  kind: 'apps/Deployment' | 'apps/StatefulSet' | 'apps/DaemonSet',
  ...items: readonly object[]
): Promise<boolean> {
  stub = await startApiStub((_url, response) => answerJson(response, { items }));
  return await ranBefore(stub.client, workload, kind);
}

test.each([
  ['a ReplicaSet of its own with that template', [revision('mine', 'app:0'), revision('mine', 'app:1', 'def')], true],
  ['none with that template', [revision('mine', 'app:0')], false],
  ['one of another workload', [revision('theirs', 'app:1')], false],
  ['one that only names it as an owner', [revision('mine', 'app:1', 'abc', false)], false],
])('%s', async (_what, items, expected) => {
  expect(await ask('apps/Deployment', ...items)).toBe(expected);
  expect(stub?.asked).toEqual(['/apis/apps/v1/namespaces/shop/replicasets?limit=500&labelSelector=app%3Dweb']);
});

test('a StatefulSet has its own in ControllerRevisions', async () => {
  const data = { spec: { template: { ...template, $patch: 'replace' } } };
  const owned = { metadata: { name: 'db-1', ownerReferences: [{ uid: 'mine', controller: true }] }, data };
  expect(await ask('apps/StatefulSet', owned)).toBe(true);
});

test.each([403, 500])('an answer of %i is none', async (status) => {
  stub = await startApiStub((_url, response) => answerJson(response, failure(status, 'No', 'no'), status));
  expect(await ranBefore(stub.client, workload, 'apps/Deployment')).toBe(false);
});
