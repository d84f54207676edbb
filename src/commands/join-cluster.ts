import type { CertificateStore } from '../certs/certificate-store.ts';
import { startClusterCache } from '../cluster/cache.ts';
import { certificateSecret } from '../cluster/certificate-secret.ts';
import { type ApiClient, createClient } from '../cluster/client.ts';
import { connect, type ConnectionOptions } from '../cluster/connection.ts';
import type { OnChange } from '../cluster/indexed-store.ts';
import type { Log } from '../cluster/log.ts';
import { lookUp, type Wanted } from '../cluster/look-up.ts';
import { ranBefore } from '../cluster/ran-before.ts';
import { injectCaBundle } from '../cluster/webhook-configurations.ts';
import type { ClusterView, ServerVersion } from '../kubernetes/cluster-view.ts';
import { revisedView } from '../kubernetes/revised-view.ts';
import { ObjectIndex } from '../kubernetes/object-index.ts';
import type { GroupKind, KubernetesObject } from '../kubernetes/object.ts';
import { kindsToHold } from './kinds-to-hold.ts';

/** What a server has of its cluster. */
export interface JoinedCluster {
  readonly view: () => ClusterView;
  /** Why nothing can be judged well yet, or undefined. */
  readonly notReady: () => string | undefined;
  /** Seconds since the last sign of life about each kind. */
  readonly ages: () => Iterable<readonly [GroupKind, number]>;
  /** A Secret for certificates; undefined without a cluster. */
  certificateStore(namespace: string, name: string): CertificateStore | undefined;
  /**
   * Lets the API server trust the certificates of a bundle when it calls the webhooks of both configurations of that name;
   * false while one of them does not exist.
   */
  trust(webhookConfiguration: string, caBundle: string): Promise<boolean>;
  /** Calls it whenever something about an object of the view is new. */
  listen(listener: OnChange): void;
  /**
   * The view with what the API server itself says now of some kinds; undefined where it does not say so in half a second.
   * Absent where there is nobody to ask, so that no request waits for that.
   */
  readonly lookUp?: (wanted: readonly Wanted[]) => Promise<ClusterView | undefined>;
  /** Whether the workload had its template before, as the API server itself says; absent where there is nobody to ask. */
  readonly ranBefore?: (object: KubernetesObject, kind: GroupKind) => Promise<boolean>;
  stop(): Promise<void>;
}

/** Connects, and begins to hold what the checks read. @throws {OperatorError} where there is no cluster to connect to */
export async function joinCluster(options: ConnectionOptions, log: Log): Promise<JoinedCluster> {
  return watchCluster(createClient(await connect(options)), log);
}

/** Begins to hold what the checks read. Whoever stops it closes the client too. */
export function watchCluster(client: ApiClient, log: Log): JoinedCluster {
  const listeners: OnChange[] = [];
  const onChange: OnChange = (...change) => {
    for (const listener of listeners) listener(...change);
  };
  const cache = startClusterCache({ client, kinds: kindsToHold(), log, onChange });
  return {
    view: () => cache.view(),
    notReady: () => (cache.ready() ? undefined : 'the cluster cache is not synced yet'),
    ages: () => [...cache.ages()].map(([kind, milliseconds]) => [kind, milliseconds / 1000]),
    certificateStore: (namespace, name) => certificateSecret(client, namespace, name),
    trust: (name, caBundle) => injectCaBundle(client, { validating: name, mutating: name }, caBundle, log),
    listen: (listener) => void listeners.push(listener),
    async lookUp(wanted) {
      const found = await lookUp(client, wanted);
      return found && revisedView(cache.view(), found);
    },
    ranBefore: (object, kind) => ranBefore(client, object, kind),
    async stop() {
      await cache.stop();
      await client.close();
    },
  };
}

/** A webhook that knows nothing but the object itself: checks that need more give no verdict. */
export function withoutCluster(version: ServerVersion | undefined): JoinedCluster {
  const view = new ObjectIndex('none', version);
  return {
    view: () => view,
    notReady: () => undefined,
    ages: () => [],
    certificateStore: () => undefined,
    trust: async () => true,
    listen: () => {},
    stop: async () => {},
  };
}
