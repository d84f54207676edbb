import { at, fields, list, text } from '../kubernetes/fields.ts';
import { type GroupKind, kindOf, type KubernetesObject } from '../kubernetes/object.ts';
import { watchedKinds } from '../kubernetes/watched-kinds.ts';
import { hasStatus } from './api-error.ts';
import type { ApiClient } from './client.ts';
import { resourcePath } from './resource-path.ts';

/** Which objects of one kind in a namespace: one by name, or those with these labels. */
export interface Target {
  readonly kind: GroupKind;
  readonly namespace: string;
  readonly name: string | undefined;
}

/** More is not read at once: they are whole objects. */
const most = 500;

/**
 * The objects as they are in the cluster, whole: a cache holds only parts of them.
 * @returns undefined for kinds that daytwo does not read (Secrets above all), and where there are too many
 */
export async function readTargets(client: ApiClient, target: Target): Promise<readonly KubernetesObject[] | undefined> {
  const { kind, namespace, name } = target;
  const watched = watchedKinds.get(kind);
  const [apiVersion] = watched?.apiVersions ?? [];
  if (watched === undefined || apiVersion === undefined || !watched.namespaced) return undefined;
  const path = resourcePath(apiVersion, watched.resource, namespace);
  const query = name === undefined ? { limit: most } : { limit: most, fieldSelector: `metadata.name=${name}` };
  try {
    const answer = await client.request({ path, query });
    if (text(at(answer, 'metadata', 'continue'))) return undefined;
    const itself = kindOf(kind);
    const found: KubernetesObject[] = [];
    // The items of a list do not say what they are.
    for (const item of list(at(answer, 'items')))
      found.push({ ...fields(item), apiVersion, kind: itself } as KubernetesObject);
    return found;
  } catch (error) {
    if (hasStatus(error, 403, 404)) return undefined;
    throw error;
  }
}
