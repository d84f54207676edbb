import { at, list, text } from '../kubernetes/fields.ts';
import type { GroupKind } from '../kubernetes/object.ts';
import type { ApiClient } from './client.ts';
import type { ApiResource } from './discover.ts';
import { resourcePath } from './resource-path.ts';

/** Where the objects of any kind in a namespace are read; undefined for a kind that the cluster does not serve. */
export async function findResource(
  client: ApiClient,
  groupKind: GroupKind,
  namespace: string,
): Promise<ApiResource | undefined> {
  const slash = groupKind.indexOf('/');
  const [group, kind] = [groupKind.slice(0, slash), groupKind.slice(slash + 1)];
  const apiVersion = group === 'core' ? 'v1' : await preferredVersion(client, group);
  if (apiVersion === undefined) return undefined;
  const answer = await client.request({ path: group === 'core' ? '/api/v1' : `/apis/${apiVersion}` });
  for (const one of list(at(answer, 'resources'))) {
    const name = text(at(one, 'name')) ?? '';
    // The others are subresources of it: `deployments/status`.
    if (at(one, 'kind') !== kind || name.includes('/')) continue;
    return { path: resourcePath(apiVersion, name, namespace), apiVersion, kind };
  }
  return undefined;
}

/** Source: meta/v1 APIGroupList. */
async function preferredVersion(client: ApiClient, group: string): Promise<string | undefined> {
  const groups = list(at(await client.request({ path: '/apis' }), 'groups'));
  return text(
    at(
      groups.find((one) => at(one, 'name') === group),
      'preferredVersion',
      'groupVersion',
    ),
  );
}
