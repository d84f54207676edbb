import { groupKindOf, type KubernetesObject } from '../kubernetes/object.ts';
import { watchedKinds } from '../kubernetes/watched-kinds.ts';
import { hasStatus } from './api-error.ts';
import type { ApiClient } from './client.ts';
import { resourcePath } from './resource-path.ts';

/** Merges a status into an object of one of our own kinds; one that is gone meanwhile is no fault. */
export async function writeStatus(client: ApiClient, object: KubernetesObject, status: object): Promise<void> {
  const { namespace, name = '', uid } = object.metadata;
  const resource = watchedKinds.get(groupKindOf(object))?.resource ?? '';
  try {
    await client.request({
      method: 'PATCH',
      path: `${resourcePath(object.apiVersion, resource, namespace, name)}/status`,
      contentType: 'application/merge-patch+json',
      // With the uid, so that a new object of that name gets no status of an old one.
      body: { metadata: { uid }, status },
    });
  } catch (error) {
    if (!hasStatus(error, 404, 409)) throw error;
  }
}
