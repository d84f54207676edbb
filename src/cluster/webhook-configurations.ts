import { at, list } from '../kubernetes/fields.ts';
import type { Operation } from '../kubernetes/json-patch.ts';
import { hasStatus } from './api-error.ts';
import type { ApiClient } from './client.ts';
import type { Log } from './log.ts';
import { resourcePath } from './resource-path.ts';

/** Names of our own webhook configurations. */
export interface ConfigurationNames {
  readonly validating: string;
  readonly mutating: string;
}

/**
 * Makes the API server trust the certificates of a bundle (PEM) when it calls the webhooks of both configurations. What
 * carries it already is left alone, so it may be called as often as one likes.
 * @returns false where a configuration is not there (yet): nothing reaches that webhook
 */
export async function injectCaBundle(
  client: ApiClient,
  names: ConfigurationNames,
  caBundle: string,
  log: Log,
): Promise<boolean> {
  const encoded = Buffer.from(caBundle).toString('base64');
  const validating = await inject(client, 'validatingwebhookconfigurations', names.validating, encoded, log);
  const mutating = await inject(client, 'mutatingwebhookconfigurations', names.mutating, encoded, log);
  return validating && mutating;
}

/** An edit between our read and our write makes the `test` fail: read again. */
const attempts = 5;

async function inject(client: ApiClient, resource: string, name: string, caBundle: string, log: Log): Promise<boolean> {
  const path = resourcePath('admissionregistration.k8s.io/v1', resource, undefined, name);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const patch = operationsFor(await client.request({ path }), caBundle);
      if (patch.length === 0) return true;
      await client.request({ method: 'PATCH', path, contentType: 'application/json-patch+json', body: patch });
      log.info({ resource, name }, 'injected the caBundle');
      return true;
    } catch (error) {
      if (hasStatus(error, 404)) return false;
      if (attempt === attempts || !hasStatus(error, 409, 422)) throw error;
    }
  }
}

function operationsFor(configuration: unknown, caBundle: string): readonly Operation[] {
  return list(at(configuration, 'webhooks')).flatMap((webhook, index): readonly Operation[] => {
    if (at(webhook, 'clientConfig', 'caBundle') === caBundle) return [];
    return [
      // By index, so the webhook must still be the one that stood there.
      { op: 'test', path: `/webhooks/${index}/name`, value: at(webhook, 'name') },
      { op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value: caBundle },
    ];
  });
}
