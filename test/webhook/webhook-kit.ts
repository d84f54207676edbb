import type { Check } from '../../src/checks/check.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { groupOf } from '../../src/kubernetes/object.ts';
import { ObjectIndex } from '../../src/kubernetes/object-index.ts';
import type { Rule } from '../../src/policy/readiness-policy.ts';
import { issueAuthority } from '../../src/certs/authority.ts';
import { issueServingCertificate } from '../../src/certs/serving-certificate.ts';
import type { CertificateAndKey } from '../../src/certs/sign-certificate.ts';
import { createWebhook, type Webhook, type WebhookOptions } from '../../src/webhook/app.ts';
import { createMetrics } from '../../src/webhook/metrics.ts';
import type { AdmissionResponse } from '../../src/webhook/respond.ts';
import { imageTagCheck, policyOf } from '../engine/engine-kit.ts';

/** Made once a test file: a key costs a tenth of a second. */
export const authority: CertificateAndKey = await issueAuthority(Date.now());
export const serving: CertificateAndKey = await issueServingCertificate(authority, ['127.0.0.1'], Date.now());

export interface Answer {
  readonly status: number;
  /** As it was sent. */
  readonly text: string;
  readonly response: AdmissionResponse;
}

export interface TestWebhook {
  readonly webhook: Webhook;
  /** What was logged, with the message under `msg`. */
  readonly lines: Readonly<Record<string, unknown>>[];
  /** In process, without a socket. A string is sent as it is. */
  readonly post: (path: string, body: object | string, headers?: Record<string, string>) => Promise<Answer>;
  readonly get: (path: string) => Promise<{ readonly status: number; readonly text: string }>;
}

/** A webhook with one check, which wants images to have a tag, and denies. */
export function testWebhook(
  options: Partial<WebhookOptions> & { rule?: Partial<Rule>; check?: Check } = {},
): TestWebhook {
  const { rule = {}, check = imageTagCheck(), ...rest } = options;
  const policy = policyOf(check, rule);
  const view = new ObjectIndex('all');
  const lines: Readonly<Record<string, unknown>>[] = [];
  const log = (fields: object, msg: string): void => void lines.push({ ...fields, msg });
  const webhook = createWebhook({
    tls: serving,
    policy: () => policy,
    view: () => view,
    now: () => Date.parse('2026-01-01T00:00:00Z'),
    log: { info: log, error: log },
    notReady: () => undefined,
    metrics: createMetrics({
      kinds: new Set(['apps/Deployment']),
      certificateExpiry: () => ({ authority: 2_000_000_000, serving: 1_900_000_000 }),
      cacheAges: () => [['core/Namespace', 3]],
    }),
    ...rest,
  });
  return {
    webhook,
    lines,
    async post(path, body, headers = {}) {
      const { statusCode, payload } = await webhook.app.inject({
        method: 'POST',
        url: path,
        headers: { 'content-type': 'application/json', ...headers },
        payload: typeof body === 'string' ? body : JSON.stringify(body),
      });
      const answer = JSON.parse(payload) as { readonly response: AdmissionResponse };
      return { status: statusCode, text: payload, response: answer.response };
    },
    async get(path) {
      const { statusCode, payload } = await webhook.app.inject({ url: path });
      return { status: statusCode, text: payload };
    },
  };
}

/** As the API server asks about a CREATE, unless the tweak says otherwise. */
export function reviewOf(object: KubernetesObject, tweak: object = {}): object {
  const { apiVersion, kind, metadata } = object;
  return {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: 'b7f1c2d0-0000-4000-8000-000000000001',
      kind: { group: groupOf(apiVersion), version: 'v1', kind },
      name: metadata.name,
      namespace: metadata.namespace,
      operation: 'CREATE',
      userInfo: { username: 'jane', groups: ['system:authenticated'] },
      object,
      oldObject: null,
      dryRun: false,
      ...tweak,
    },
  };
}
