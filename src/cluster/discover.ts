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
  /** Why nobody can say whether the cluster serves a kind: its group is that of an aggregated API whose server is down. */
  readonly faults: ReadonlyMap<GroupKind, unknown>;
}

/** Kinds of Kubernetes itself are taken for granted, custom ones are looked up; one whose group does not answer is among the faults. */
export async function discover(
  client: ApiClient,
  kinds: Iterable<WatchedKind>,
  signal: AbortSignal,
): Promise<Discovery> {
  const version = readVersion(await client.request({ path: '/version', signal }));
  const served = groupVersions(await client.request({ path: '/apis', signal }));
  const resources = new Map<GroupKind, ApiResource>();
  const faults = new Map<GroupKind, unknown>();
  for (const kind of kinds) {
    try {
      const found = await findServed(client, kind, served, signal);
      if (found !== undefined) resources.set(kind.groupKind, found);
    } catch (error) {
      if (signal.aborted) throw error;
      faults.set(kind.groupKind, error);
    }
  }
  return { version, resources, faults };
}

async function findServed(
  client: ApiClient,
  { groupKind, apiVersions, resource, optional }: WatchedKind,
  served: ReadonlySet<unknown>,
  signal: AbortSignal,
): Promise<ApiResource | undefined> {
  for (const apiVersion of apiVersions) {
    if (optional && !(served.has(apiVersion) && (await serves(client, apiVersion, resource, signal)))) continue;
    return { path: resourcePath(apiVersion, resource), apiVersion, kind: kindOf(groupKind) };
  }
  return undefined;
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
  // Others wait for it: an aggregated API that is down may be silent instead of refusing.
  const answer = await client.request({ path: `/apis/${apiVersion}`, signal, timeout: 5_000 });
  return list(at(answer, 'resources')).some((one) => at(one, 'name') === resource);
}
