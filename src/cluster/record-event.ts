import { at, text } from '../kubernetes/fields.ts';
import { ApiError, hasStatus } from './api-error.ts';
import type { ApiClient } from './client.ts';
import { resourcePath } from './resource-path.ts';

/** As much of an Event of events.k8s.io/v1 as it takes to write one. */
export interface NamedEvent {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly eventTime?: unknown;
}

/**
 * Writes an Event. One of that name is counted once more, which keeps it for another hour, unless somebody has told of the same
 * lately: then it is left as it is. What it is about may end with its namespace meanwhile, which is no fault.
 *
 * @param lately milliseconds
 */
export async function recordEvent(client: ApiClient, event: NamedEvent, lately: number): Promise<void> {
  const { namespace } = event.metadata;
  try {
    await client.request({ method: 'POST', path: resourcePath('events.k8s.io/v1', 'events', namespace), body: event });
  } catch (error) {
    if (hasStatus(error, 409)) await countAgain(client, event, lately);
    else if (!hasStatus(error, 404) && !isTerminating(error)) throw error;
  }
}

/** The API server answers 403 for both this and a right that is missing. */
function isTerminating(error: unknown): boolean {
  return error instanceof ApiError && error.status === 403 && error.message.includes('being terminated');
}

async function countAgain(client: ApiClient, { metadata, eventTime }: NamedEvent, lately: number): Promise<void> {
  const path = resourcePath('events.k8s.io/v1', 'events', metadata.namespace, metadata.name);
  const told = await client.request({ path });
  const last = text(at(told, 'series', 'lastObservedTime')) ?? text(at(told, 'eventTime')) ?? '';
  if (Date.parse(text(eventTime) ?? '') - Date.parse(last) < lately) return;
  const count = at(told, 'series', 'count');
  await client.request({
    method: 'PATCH',
    path,
    contentType: 'application/merge-patch+json',
    // The API server takes no series of one.
    body: { series: { count: typeof count === 'number' ? count + 1 : 2, lastObservedTime: eventTime } },
  });
}
