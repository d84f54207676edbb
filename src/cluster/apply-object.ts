import type { GroupKind, KubernetesObject } from '../kubernetes/object.ts';
import { groupKindOf } from '../kubernetes/object.ts';
import { watchedKinds } from '../kubernetes/watched-kinds.ts';
import { hasStatus } from './api-error.ts';
import type { ApiClient } from './client.ts';
import { resourcePath } from './resource-path.ts';

/**
 * Server-side apply under the field manager `daytwo`, which takes no field away from anybody else.
 * @throws {ApiError} with status 409 where somebody else owns a field and wants it otherwise
 */
export async function applyObject(client: ApiClient, object: KubernetesObject): Promise<void> {
  await client.request({
    method: 'PATCH',
    path: pathOf(object),
    query: { fieldManager: 'daytwo' },
    // JSON is YAML.
    contentType: 'application/apply-patch+yaml',
    body: object,
  });
}

/** Removes the object as it was seen: whoever changed it since keeps it. One that is gone already is no fault. */
export async function removeObject(client: ApiClient, object: KubernetesObject): Promise<void> {
  const { uid, resourceVersion } = object.metadata;
  try {
    await client.request({
      method: 'DELETE',
      path: pathOf(object),
      body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid, resourceVersion } },
    });
  } catch (error) {
    if (!hasStatus(error, 404, 409)) throw error;
  }
}

function pathOf(object: KubernetesObject): string {
  const kind: GroupKind = groupKindOf(object);
  const resource = watchedKinds.get(kind)?.resource;
  if (resource === undefined) throw new Error(`where objects of ${kind} are kept is not known`);
  const { namespace, name = '' } = object.metadata;
  return resourcePath(object.apiVersion, resource, namespace, name);
}
