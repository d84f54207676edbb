import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Dispatcher } from 'undici';
import { OperatorError } from '../errors.ts';
import { connectInCluster, isInCluster } from './in-cluster.ts';
import { connectByKubeconfig } from './kubeconfig.ts';

/** How to reach an API server, and as whom. */
export interface Connection {
  /** `https://10.0.0.1:443`, without a slash at the end. */
  readonly server: string;
  /** Of the kubeconfig's context or of our own pod; undefined where neither says. */
  readonly namespace: string | undefined;
  /** Carries the requests: the cluster's CA, a client certificate, a proxy. It may be another one after `renew`. */
  dispatcher(): Dispatcher;
  /** Those that say who asks. */
  headers(): Promise<Readonly<Record<string, string>>>;
  /** Forgets credentials that the API server has just refused. */
  renew(): Promise<void>;
}

export interface ConnectionOptions {
  /** As `--kubeconfig` names it; it goes before everything else. */
  readonly kubeconfig?: string | undefined;
  /** As `--context` names it; the file's current context where absent. */
  readonly context?: string | undefined;
  /** KUBECONFIG, HOME and, in a pod, KUBERNETES_SERVICE_HOST and _PORT are read from it. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * In kubectl's order: the file that is named, those of KUBECONFIG, the one in the home folder, our own ServiceAccount.
 * @throws {OperatorError} where none of them is there or one cannot be read
 */
export async function connect({ kubeconfig, context, env }: ConnectionOptions): Promise<Connection> {
  const files = kubeconfigFiles(kubeconfig, env);
  if (files.length > 0) return connectByKubeconfig(files, context);
  if (isInCluster(env)) return connectInCluster(env);
  throw new OperatorError(
    'no cluster to talk to: pass --kubeconfig, set KUBECONFIG, or run in a pod with a ServiceAccount',
  );
}

function kubeconfigFiles(named: string | undefined, env: ConnectionOptions['env']): readonly string[] {
  if (named !== undefined) return [named];
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  // As kubectl does: the variable may name files that come and go, and only all of them missing is a mistake.
  if (listed.length > 0)
    return listed.some((file) => existsSync(file)) ? listed.filter((file) => existsSync(file)) : listed;
  const atHome = join(env['HOME'] ?? '', '.kube', 'config');
  return env['HOME'] !== undefined && existsSync(atHome) ? [atHome] : [];
}
