import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { certificateFiles } from '../certs/certificate-files.ts';
import { describeCertificate } from '../certs/describe-certificate.ts';
import type { ServedCertificates } from '../certs/ensure-certificates.ts';
import { type Clock, rotateCertificates } from '../certs/rotator.ts';
import { serviceNames } from '../certs/serving-certificate.ts';
import { checks } from '../checks/index.ts';
import type { SoundPolicy } from '../policy/active-policy.ts';
import { ownKinds } from '../policy/own-kinds.ts';
import { createWebhook } from '../webhook/app.ts';
import { createMetrics } from '../webhook/metrics.ts';
import { firstCertificates } from './first-certificates.ts';
import { followPolicies } from './follow-policies.ts';
import type { ExitCode } from './io.ts';
import { type JoinedCluster, joinCluster, withoutCluster } from './join-cluster.ts';
import { keepTrusted } from './keep-trusted.ts';
import { listen } from './listen.ts';
import { loadSoundPolicy } from './load-policy.ts';
import { type OpenLog, openLog, type PodIdentity } from './open-log.ts';
import { readServerVersion } from './server-version.ts';
import { stopSignal } from './stop-signal.ts';

export interface ServeOptions {
  readonly policy: string;
  readonly policiesFolder: URL;
  readonly host: string;
  readonly port: number;
  /** False for a webhook that knows nothing but the object itself. */
  readonly cluster: boolean;
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  /** `1.36`, where there is no cluster to ask. */
  readonly kubernetesVersion?: string | undefined;
  /** Folder of the certificates, unless there is a Secret for them. */
  readonly certs: string;
  /** Secret in our own namespace that all replicas share. */
  readonly certSecret?: string | undefined;
  /** Name of both webhook configurations, to inject the caBundle into; undefined where somebody else sets it. */
  readonly webhookConfiguration?: string | undefined;
  readonly service: string;
  /** DNS names and IP addresses to serve besides those of the Service and of this machine. */
  readonly names: readonly string[];
  /** Seconds to serve on after SIGTERM: that long it takes until every node has heard that this pod goes. */
  readonly drain: number;
  readonly identity: PodIdentity;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** File descriptor or path for the log. */
  readonly log: number | string;
}

const clock: Clock = {
  now: Date.now,
  wait: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }).catch(() => {}),
};

/** `daytwo serve`: the admission webhook, until SIGTERM or SIGINT. */
export async function runServe(options: ServeOptions): Promise<ExitCode> {
  const base = await loadSoundPolicy(options);
  const { log, flush } = openLog(options.log, options.identity);
  const stopping = stopSignal();
  const cluster = options.cluster
    ? await joinCluster(options, log)
    : withoutCluster(readServerVersion(options.kubernetesVersion));
  try {
    await serve(options, { base, cluster, log, stopping });
    return 0;
  } finally {
    // After a fault too: its watches would keep alive a process that does not listen, whatever signal it gets.
    await cluster.stop();
    flush();
  }
}

interface Serving {
  /** The policy of the command line. */
  readonly base: SoundPolicy;
  readonly cluster: JoinedCluster;
  readonly log: OpenLog['log'];
  readonly stopping: AbortSignal;
}

async function serve(options: ServeOptions, { base, cluster, log, stopping }: Serving): Promise<void> {
  const { namespace = 'daytwo-system' } = options.identity;
  const policies = followPolicies({ cluster, base, ownNamespace: namespace, log });

  const store =
    (options.certSecret && cluster.certificateStore(namespace, options.certSecret)) || certificateFiles(options.certs);
  const names = serviceNames(options.service, namespace, ...options.names);
  const first = await firstCertificates({ store, names, clock, signal: stopping, log });
  if (first === undefined) return;
  let served = first;

  const webhook = createWebhook({
    tls: served,
    policy: policies.policy,
    view: cluster.view,
    lookUp: cluster.lookUp,
    ranBefore: cluster.ranBefore,
    now: Date.now,
    log,
    notReady: () => cluster.notReady() ?? policies.notReady(),
    metrics: createMetrics({
      kinds: new Set([...checks.flatMap(({ kinds }) => kinds), ...ownKinds]),
      certificateExpiry: () => expiryOf(served),
      cacheAges: cluster.ages,
    }),
  });
  const address = await listen(options, (listening) => webhook.app.listen(listening));
  log.info({ address, policy: base.name, issued: served.issued }, 'listening');

  void rotateCertificates({
    store,
    names,
    clock,
    signal: stopping,
    async onChange(certificates) {
      if (options.webhookConfiguration) await cluster.trust(options.webhookConfiguration, certificates.caBundle);
      webhook.useCertificate(certificates);
      served = certificates;
      log.info({ issued: certificates.issued }, 'serving with these certificates');
    },
    onFault: (error) => log.error({ err: error }, 'certificates not renewed or not trusted, trying again'),
  });

  const { webhookConfiguration } = options;
  if (options.cluster && webhookConfiguration !== undefined) {
    const trust = () => cluster.trust(webhookConfiguration, served.caBundle);
    void keepTrusted({ trust, clock, signal: stopping, log });
  }

  if (!stopping.aborted) await once(stopping, 'abort');
  log.info({ seconds: options.drain }, 'shutting down');
  await webhook.drain(options.drain * 1000);
}

/** In seconds since 1970, as Prometheus counts. */
function expiryOf({ caBundle, certificate }: ServedCertificates): Record<'authority' | 'serving', number> {
  return {
    authority: describeCertificate(caBundle).notAfter / 1000,
    serving: describeCertificate(certificate).notAfter / 1000,
  };
}
