import type { ServerVersion } from '../kubernetes/cluster-view.ts';
import { at, list, text } from '../kubernetes/fields.ts';
import { type GroupKind, kindOf } from '../kubernetes/object.ts';
import type { WatchedKind } from '../kubernetes/watched-kinds.ts';
import type { ApiClient } from './client.ts';
import { resourcePath } from './resource-path.ts';

/** Where the objects of a kind are read. */
export interface ApiResource {
  /** `/apis/apps/v1/deployments` */
  readonly path: string;
  readonly apiVersion: string;
  readonly kind: string;
}

/** What the cluster can be asked for. */
export interface Discovery {
  readonly version: ServerVersion | undefined;
  /** A kind that the cluster does not serve is missing. */
  readonly resources: ReadonlyMap<GroupKind, ApiResource>;
}

/** Kinds of Kubernetes itself are taken for granted, custom ones are looked up. Throws as the client does. */
export async function discover(
  client: ApiClient,
  kinds: Iterable<WatchedKind>,
  signal: AbortSignal,
): Promise<Discovery> {
  const version = readVersion(await client.request({ path: '/version', signal }));
  const served = groupVersions(await client.request({ path: '/apis', signal }));
  const resources = new Map<GroupKind, ApiResource>();
  for (const { groupKind, apiVersions, resource, optional } of kinds) {
    for (const apiVersion of apiVersions) {
      if (optional && !(served.has(apiVersion) && (await serves(client, apiVersion, resource, signal)))) continue;
      const kind = kindOf(groupKind);
      resources.set(groupKind, { path: resourcePath(apiVersion, resource), apiVersion, kind });
      break;
    }
  }
  return { version, resources };
}

/** `{major: "1", minor: "36+"}`: clouds append to the number. */
function readVersion(answer: unknown): ServerVersion | undefined {
  const major = Number.parseInt(text(at(answer, 'major')) ?? '', 10);
  const minor = Number.parseInt(text(at(answer, 'minor')) ?? '', 10);
  return Number.isNaN(major) || Number.isNaN(minor) ? undefined : { major, minor };
}

/** Source: meta/v1 APIGroupList. */
function groupVersions(answer: unknown): ReadonlySet<unknown> {
  const groups = list(at(answer, 'groups'));
  return new Set(groups.flatMap((group) => list(at(group, 'versions')).map((version) => at(version, 'groupVersion'))));
}

/** One version of a group may hold only some of its kinds. Source: meta/v1 APIResourceList. */
async function serves(client: ApiClient, apiVersion: string, resource: string, signal: AbortSignal): Promise<boolean> {
  const answer = await client.request({ path: `/apis/${apiVersion}`, signal });
  return list(at(answer, 'resources')).some((one) => at(one, 'name') === resource);
}
