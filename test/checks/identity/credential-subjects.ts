import type { Check, CheckSubject, ConfiguredCheck, Finding } from '../../../src/checks/check.ts';
import { staticCloudCredentials } from '../../../src/checks/identity/static-cloud-credentials.ts';
import { groupKindOf, type KubernetesObject } from '../../../src/kubernetes/object.ts';
import { ObjectIndex } from '../../../src/kubernetes/object-index.ts';
import { readWorkload } from '../../../src/kubernetes/workload.ts';
import { validate } from '../../../src/policy/validate.ts';
import { expandCredentials } from '../../fixtures/credentials.ts';

/** A Deployment with one container, `app`, and these of its fields; `@@…@@` is expanded. */
export function deployment(container: object, template: { metadata?: object; spec?: object } = {}): KubernetesObject {
  const spec = { containers: [{ name: 'app', image: 'registry.example/app:1.0', ...container }], ...template.spec };
  return expand({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'shop', namespace: 'shop' },
    spec: { template: { metadata: template.metadata ?? {}, spec } },
  });
}

/** A Deployment whose container has these variables. */
export function withEnv(env: Readonly<Record<string, string>>): KubernetesObject {
  return deployment({ env: Object.entries(env).map(([name, value]) => ({ name, value })) });
}

export function configMap(data: object, more: object = {}): KubernetesObject {
  return expand({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shop', namespace: 'shop' }, data, ...more });
}

/** @param data in clear; it is base64-encoded as on the wire */
export function secret(data: Readonly<Record<string, string>>, more: object = {}): KubernetesObject {
  const encoded = Object.entries(data).map(([key, value]) => [key, onTheWire(value)]);
  const metadata = { name: 'shop', namespace: 'shop' };
  return { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data: Object.fromEntries(encoded), ...more };
}

/** A lone token is encoded as bytes: gzip is no text. */
function onTheWire(value: string): string {
  const token = /^@@([a-z0-9:-]+)@@$/.exec(value)?.[1];
  return token === undefined
    ? Buffer.from(expandCredentials(value)).toString('base64')
    : expandCredentials(`@@base64:${token}@@`);
}

/** What the check finds; `now` is in 2026. */
export function findings(
  object: KubernetesObject,
  {
    check = staticCloudCredentials,
    params = {},
    ...tweak
  }: { check?: Check; params?: object } & Partial<CheckSubject> = {},
  view = new ObjectIndex('all'),
): readonly Finding[] {
  const configured = check.configure(params, validate) as ConfiguredCheck;
  const subject: CheckSubject = {
    object,
    groupKind: groupKindOf(object),
    namespace: object.metadata.namespace,
    inSystemNamespace: false,
    operation: 'CREATE',
    subresource: undefined,
    source: 'admission',
    workload: readWorkload(object),
    tier: 'production',
    user: 'jane',
    now: Date.parse('2026-11-21T12:00:00Z'),
    ...tweak,
  };
  return [...configured.evaluate(subject, view)];
}

/** The detector that a finding names: `Found by detector aws-pair; …`. */
export function detectorsIn(found: readonly Finding[]): readonly string[] {
  return found.map(({ fix }) => /^Found by detector ([a-z-]+)/m.exec(fix)?.[1] ?? fix);
}

function expand(object: KubernetesObject): KubernetesObject {
  return JSON.parse(JSON.stringify(object), (_key, value: unknown) =>
    typeof value === 'string' ? expandCredentials(value) : value,
  ) as KubernetesObject;
}
