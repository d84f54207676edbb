import { randomUUID } from 'node:crypto';
import { applyObject, removeObject } from '../cluster/apply-object.ts';
import { type ApiClient, createClient } from '../cluster/client.ts';
import { connect, type ConnectionOptions } from '../cluster/connection.ts';
import { leadByLease } from '../cluster/lease.ts';
import { readTargets } from '../cluster/read-targets.ts';
import { recordEvent } from '../cluster/record-event.ts';
import { riskOfIsolation } from '../cluster/risk-of-isolation.ts';
import { writeStatus } from '../cluster/write-status.ts';
import type { SoundPolicy } from '../policy/active-policy.ts';
import { createBackground } from '../reconcile/background.ts';
import { optInLabel, riskToWorkloads } from '../reconcile/companions.ts';
import { exemptionStatusWriter } from '../reconcile/exemption-status.ts';
import { keepPolicyStatuses } from '../reconcile/policy-status.ts';
import { backgroundMetrics } from '../reconcile/metrics.ts';
import { startProbeServer } from '../reconcile/probe-server.ts';
import { companionProvider } from '../reconcile/provide-companions.ts';
import { rememberRisk } from '../reconcile/remember-risk.ts';
import { followPolicies } from './follow-policies.ts';
import type { ExitCode } from './io.ts';
import { type JoinedCluster, watchCluster } from './join-cluster.ts';
import { listen } from './listen.ts';
import { loadSoundPolicy } from './load-policy.ts';
import { type OpenLog, openLog, type PodIdentity } from './open-log.ts';
import { stopSignal } from './stop-signal.ts';

export interface ControllerOptions extends ConnectionOptions {
  readonly policy: string;
  readonly policiesFolder: URL;
  /** Seconds that companions may take to arrive before their absence is a violation. */
  readonly grace: number;
  readonly host: string;
  readonly port: number;
  /** Name of the Lease in our namespace by which the replicas find out who leads. */
  readonly lease: string;
  readonly identity: PodIdentity;
  /** File descriptor or path for the log. */
  readonly log: number | string;
}

/** `daytwo controller`: what admission cannot know, until SIGTERM or SIGINT. Of several replicas one leads. */
export async function runController(options: ControllerOptions): Promise<ExitCode> {
  const base = await loadSoundPolicy(options);
  const { log, flush } = openLog(options.log, options.identity);
  const stopping = stopSignal();
  const client = createClient(await connect(options));
  const cluster = watchCluster(client, log);
  try {
    await control(options, { base, client, cluster, log, stopping });
    return 0;
  } finally {
    // After a fault too: its watches would keep alive a process that does nothing, whatever signal it gets.
    await cluster.stop();
    flush();
  }
}

interface Controlling {
  /** The policy of the command line. */
  readonly base: SoundPolicy;
  readonly client: ApiClient;
  readonly cluster: JoinedCluster;
  readonly log: OpenLog['log'];
  readonly stopping: AbortSignal;
}

async function control(
  options: ControllerOptions,
  { base, client, cluster, log, stopping }: Controlling,
): Promise<void> {
  const { namespace = 'daytwo-system', pod = 'daytwo-controller' } = options.identity;
  const policies = followPolicies({ cluster, base, ownNamespace: namespace, log });
  const notReady = (): string | undefined => cluster.notReady() ?? policies.notReady();
  const provideCompanions = companionProvider({
    log,
    apply: (object) => applyObject(client, object),
    remove: (object) => removeObject(client, object),
    riskOfIsolation: rememberRisk(
      async (name) =>
        riskToWorkloads(name, cluster.view(), Date.now()) ??
        (await riskOfIsolation(client, name, optInLabel, Date.now())),
      Date.now,
      (name, risk) => log.info({ judged: name, risk }, 'no NetworkPolicies are made here'),
    ),
  });
  const writeExemptionStatuses = exemptionStatusWriter({
    readTargets: (target) => readTargets(client, target),
    writeStatus: (object, status) => writeStatus(client, object, status),
  });
  const background = createBackground({
    view: cluster.view,
    policy: policies.policy,
    notReady,
    now: Date.now,
    grace: options.grace * 1000,
    log,
    reporter: pod,
    writeEvent: (event, lately) => recordEvent(client, event, lately),
    async provide(name, standing, judged, term) {
      const again = await provideCompanions(name, standing, judged, term);
      await writeExemptionStatuses(name, judged, term);
      return again;
    },
  });
  cluster.listen(background.touch);

  let leads = false;
  const metrics = backgroundMetrics({
    standing: background.standing,
    leads: () => leads,
    cacheAges: cluster.ages,
  });
  const probes = await listen(options, (listening) => startProbeServer({ ...listening, notReady, metrics }));
  log.info({ address: probes.address, policy: base.name, graceSeconds: options.grace }, 'listening');

  const identity = `${pod}_${randomUUID()}`;
  await leadByLease({ client, namespace, name: options.lease, identity, signal: stopping, log }, async (term) => {
    leads = true;
    try {
      await Promise.all([
        background.run(term),
        keepPolicyStatuses({
          term,
          view: cluster.view,
          states: policies.policyStates,
          notReady,
          log,
          writeStatus: (object, status) => writeStatus(client, object, status),
        }),
      ]);
    } finally {
      leads = false;
    }
  });
  log.info({}, 'shutting down');
  probes.close();
}
