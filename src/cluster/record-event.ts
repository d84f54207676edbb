import { ApiError, hasStatus } from './api-error.ts';
import type { ApiClient } from './client.ts';
import { resourcePath } from './resource-path.ts';

/** As much of an Event of events.k8s.io/v1 as it takes to write one. */
export interface NamedEvent {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly eventTime?: unknown;
}

/**
 * Writes an Event. One of that name is left as it is, since somebody has told of the same before, unless it happened again:
 * then it is counted. What it is about may end with its namespace meanwhile, which is no fault.
 */
export async function recordEvent(client: ApiClient, event: NamedEvent, again: boolean): Promise<void> {
  const { name, namespace } = event.metadata;
  try {
    await client.request({ method: 'POST', path: resourcePath('events.k8s.io/v1', 'events', namespace), body: event });
  } catch (error) {
    if (hasStatus(error, 409) && again) await countAgain(client, name, namespace, event.eventTime);
    else if (!hasStatus(error, 404, 409) && !isTerminating(error)) throw error;
  }
}

/** The API server answers 403 for both this and a right that is missing. */
function isTerminating(error: unknown): boolean {
  return error instanceof ApiError && error.status === 403 && error.message.includes('being terminated');
}

async function countAgain(
  client: ApiClient,
  name: string,
  namespace: string,
  lastObservedTime: unknown,
): Promise<void> {
  await client.request({
    method: 'PATCH',
    path: resourcePath('events.k8s.io/v1', 'events', namespace, name),
    contentType: 'application/merge-patch+json',
    body: { series: { count: 2, lastObservedTime } },
  });
}
