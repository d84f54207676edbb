import { at, fields, isFields, list, own, text } from '../kubernetes/fields.ts';
import { managedFieldsOf } from '../kubernetes/managed-fields.ts';
import type { KubernetesObject } from '../kubernetes/object.ts';
import type { ApiClient } from './client.ts';
import { readList } from './read-list.ts';
import { resourcePath } from './resource-path.ts';

/**
 * Why a namespace must not be closed by a default-deny policy that its people did not write; undefined where nothing speaks
 * against it. Asked of the cluster itself, since what runs there now decides.
 *
 * @param label the one by which the namespace opted in
 * @param now milliseconds since 1970
 * @throws as the client
 */
export async function riskOfIsolation(
  client: ApiClient,
  namespace: string,
  label: string,
  now: number,
): Promise<string | undefined> {
  const optedIn = optedInAt(
    await client.request({ path: resourcePath('v1', 'namespaces', undefined, namespace) }),
    label,
  );
  if (optedIn === undefined) return 'when it opted in is not known';
  const pod = await podWithTraffic(client, namespace, optedIn, now);
  if (pod !== undefined) return `${pod}, and its traffic would be cut`;
  const backend = await backendIn(client, namespace);
  return backend === undefined ? undefined : `${backend} has its backend there, and the API server must reach it`;
}

/** Milliseconds since 1970 when the label was written, or something after it by the same client. Source: meta/v1 managedFields. */
function optedInAt(namespace: unknown, label: string): number | undefined {
  const owner = managedFieldsOf({ metadata: fields(at(namespace, 'metadata')) }).find(({ fieldsV1 }) =>
    isFields(at(fieldsV1, 'f:metadata', 'f:labels', `f:${label}`)),
  );
  const time = Date.parse(text(own(owner, 'time')) ?? '');
  return Number.isNaN(time) ? undefined : time;
}

/** Milliseconds in which a new namespace is closed as a rule, so that what came in it came to a closed one or about then. */
const settled = 60_000;

/** A Pod that nobody expected to be closed in: it was there before the opt-in, or has run for a while without a policy. */
async function podWithTraffic(
  client: ApiClient,
  namespace: string,
  optedIn: number,
  now: number,
): Promise<string | undefined> {
  let found: string | undefined;
  await readList({
    client,
    resource: { path: resourcePath('v1', 'pods', namespace), apiVersion: 'v1', kind: 'Pod' },
    onObject(pod) {
      if (own(pod['spec'], 'hostNetwork') === true || hasFinished(pod)) return;
      const created = Date.parse(pod.metadata.creationTimestamp ?? '');
      const name = `Pod ${pod.metadata.name ?? ''}`;
      if (created < optedIn) found ??= `${name} is older than the opt-in`;
      else if (created < now - settled) found ??= `${name} has been there for more than a minute`;
    },
  });
  return found;
}

function hasFinished(pod: KubernetesObject): boolean {
  return ['Succeeded', 'Failed'].includes(text(at(pod, 'status', 'phase')) ?? '');
}

const admission = 'admissionregistration.k8s.io/v1';

/** Webhooks, conversions and aggregated APIs that the API server sends requests to. */
const callers = [
  { apiVersion: admission, resource: 'validatingwebhookconfigurations', kind: 'ValidatingWebhookConfiguration' },
  { apiVersion: admission, resource: 'mutatingwebhookconfigurations', kind: 'MutatingWebhookConfiguration' },
  { apiVersion: 'apiregistration.k8s.io/v1', resource: 'apiservices', kind: 'APIService' },
  { apiVersion: 'apiextensions.k8s.io/v1', resource: 'customresourcedefinitions', kind: 'CustomResourceDefinition' },
] as const;

async function backendIn(client: ApiClient, namespace: string): Promise<string | undefined> {
  for (const { apiVersion, resource, kind } of callers) {
    let found: string | undefined;
    await readList({
      client,
      resource: { path: resourcePath(apiVersion, resource), apiVersion, kind },
      onObject(object) {
        const spec = fields(object['spec']);
        const services = [
          ...list(object['webhooks']).map((webhook) => at(webhook, 'clientConfig', 'service')),
          at(spec, 'service'),
          at(spec, 'conversion', 'webhook', 'clientConfig', 'service'),
        ];
        if (services.some((service) => own(service, 'namespace') === namespace))
          found ??= `${kind} ${object.metadata.name ?? ''}`;
      },
    });
    if (found !== undefined) return found;
  }
  return undefined;
}
