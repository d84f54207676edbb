import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { issueAuthority } from '../certs/authority.ts';
import { issueServingCertificate } from '../certs/serving-certificate.ts';
import type { ClusterView } from '../kubernetes/cluster-view.ts';
import type { ActivePolicy } from '../policy/active-policy.ts';
import { createWebhook } from '../webhook/app.ts';
import { createMetrics } from '../webhook/metrics.ts';

/** The webhook on a free port of this machine, and a client that trusts nobody else. */
export interface LoopbackWebhook {
  /** Sends a review and gives back the `response` in the answer. */
  post(path: '/mutate' | '/validate', review: object): Promise<unknown>;
  close(): Promise<void>;
}

/** Starts the server that a cluster would call, with certificates that live as long as it does. */
export async function startLoopbackWebhook(policy: ActivePolicy, view: ClusterView): Promise<LoopbackWebhook> {
  const host = '127.0.0.1';
  const authority = await issueAuthority(Date.now());
  const webhook = createWebhook({
    tls: await issueServingCertificate(authority, [host], Date.now()),
    policy: () => policy,
    view: () => view,
    lookUp: () => Promise.resolve(view),
    now: Date.now,
    log: { info: () => {}, error: () => {} },
    notReady: () => undefined,
    metrics: createMetrics({
      kinds: new Set(),
      certificateExpiry: () => ({ authority: 0, serving: 0 }),
      cacheAges: () => [],
    }),
  });
  await webhook.app.listen({ host, port: 0 });
  const { port } = webhook.app.server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true, ca: authority.certificate });
  return {
    async post(path, review) {
      const { statusCode, body } = await send(
        agent,
        `https://${host}:${port}${path}?timeout=10s`,
        JSON.stringify(review),
      );
      if (statusCode !== 200) throw new Error(`the webhook answered ${statusCode} to POST ${path}: ${body}`);
      return (JSON.parse(body) as { readonly response: unknown }).response;
    },
    async close() {
      agent.destroy();
      await webhook.drain(0);
    },
  };
}

function send(
  agent: Agent,
  url: string,
  body: string,
): Promise<{ readonly statusCode: number | undefined; readonly body: string }> {
  return new Promise((resolve, reject) => {
    request(url, { agent, method: 'POST', headers: { 'content-type': 'application/json' } }, (response) => {
      text(response).then((body) => resolve({ statusCode: response.statusCode, body }), reject);
    })
      .on('error', reject)
      .end(body);
  });
}
