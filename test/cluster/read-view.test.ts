import { expect, onTestFinished, test } from 'vitest';
import { readView } from '../../src/cluster/read-view.ts';
import type { GroupKind } from '../../src/kubernetes/object.ts';
import { type WatchedKind, watchedKinds } from '../../src/kubernetes/watched-kinds.ts';
import { answerJson, failure, startApiStub } from './api-stub.ts';

test('a custom resource that cannot be read is unknown, and the others are read', async () => {
  const stub = await startApiStub(({ pathname }, response) => {
    if (pathname === '/version') return answerJson(response, { major: '1', minor: '36' });
    if (pathname === '/apis')
      return answerJson(response, {
        groups: [{ versions: [{ groupVersion: 'keda.sh/v1alpha1' }, { groupVersion: 'apps.openshift.io/v1' }] }],
      });
    if (pathname === '/apis/keda.sh/v1alpha1') return answerJson(response, { resources: [{ name: 'scaledobjects' }] });
    if (pathname === '/api/v1/namespaces')
      return answerJson(response, { metadata: { resourceVersion: '1' }, items: [{ metadata: { name: 'shop' } }] });
    return answerJson(response, failure(503, 'ServiceUnavailable', 'it is down'), 503);
  });
  onTestFinished(() => stub.stop());
  const kinds: readonly GroupKind[] = ['keda.sh/ScaledObject', 'apps.openshift.io/DeploymentConfig', 'core/Namespace'];
  const view = await readView(
    stub.client,
    kinds.map((kind) => watchedKinds.get(kind) as WatchedKind),
  );
  expect(kinds.map((kind) => view.knows(kind))).toEqual(['none', 'none', 'all']);
  expect([...view.list('core/Namespace')]).toHaveLength(1);
});
