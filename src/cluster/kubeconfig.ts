import type { RequestOptions } from 'node:https';
import type { KubeConfig, RequestContext } from '@kubernetes/client-node';
import { Agent, type Dispatcher } from 'undici';
import { OperatorError } from '../errors.ts';
import type { Connection } from './connection.ts';

/**
 * As a user of kubeconfig files, with every way to log in that client-node knows (exec plugins, OIDC, certificates).
 * @param files where two define the same name, the first one counts
 */
export async function connectByKubeconfig(files: readonly string[], context: string | undefined): Promise<Connection> {
  const config = await loadKubeconfig(files, context);
  let credentials = await logIn(config);
  return {
    server: config.getCurrentCluster()?.server ?? '',
    namespace: config.getContextObject(config.getCurrentContext())?.namespace,
    dispatcher: () => credentials.dispatcher,
    headers: async () => credentials.headers,
    async renew() {
      const refused = credentials.dispatcher;
      credentials = await logIn(config);
      // Gracefully: requests that run keep their connection, and a watch is told by the server when its time is over.
      void refused.close();
    },
  };
}

async function loadKubeconfig(files: readonly string[], context: string | undefined): Promise<KubeConfig> {
  // Lazily: half a second and 84 MB that a webhook inside the cluster need not pay.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const parts = files.map((file) => {
    const part = new KubeConfig();
    try {
      part.loadFromFile(file);
    } catch (error) {
      throw new OperatorError(`kubeconfig ${file}: ${messageOf(error)}`);
    }
    return part;
  });
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: parts.flatMap((part) => part.getClusters()),
    users: parts.flatMap((part) => part.getUsers()),
    contexts: parts.flatMap((part) => part.getContexts()),
    currentContext: context ?? parts.map((part) => part.getCurrentContext()).find((name) => name),
  });
  if (config.getCurrentCluster() !== null) return config;
  const known = config.getContexts().map(({ name }) => name);
  throw new OperatorError(
    `kubeconfig ${files.join(', ')}: context "${config.getCurrentContext() ?? ''}" names no cluster; contexts: ${known.join(', ') || 'none'}`,
  );
}

interface Credentials {
  readonly dispatcher: Dispatcher;
  readonly headers: Readonly<Record<string, string>>;
}

/** Runs an exec plugin, if the user has one: seconds, perhaps. */
async function logIn(config: KubeConfig): Promise<Credentials> {
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    throw new OperatorError(`kubeconfig context "${config.getCurrentContext()}": ${messageOf(error)}`);
  }
  const headers = { ...(options.headers as Record<string, string> | undefined) };
  if (typeof options.auth === 'string')
    headers['Authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  if (config.getCurrentCluster()?.proxyUrl) return { headers, dispatcher: await proxyDispatcher(config) };
  // HTTP/1.1, so that each watch has a connection of its own: one connection gone silent is one watch late, not all.
  const { ca, cert, key, passphrase, rejectUnauthorized, servername } = options;
  const tls = { ca, cert, key, passphrase, rejectUnauthorized, servername };
  return { headers, dispatcher: new Agent({ allowH2: false, connect: tls as NonNullable<Agent.Options['connect']> }) };
}

/** The one that client-node builds, for HTTP and SOCKS proxies: it hands it out only to a request context of its own. */
async function proxyDispatcher(config: KubeConfig): Promise<Dispatcher> {
  const found = Promise.withResolvers<Dispatcher>();
  const context = { setHeaderParam: () => {}, setDispatcher: found.resolve };
  await config.applySecurityAuthentication(context as unknown as RequestContext);
  return found.promise;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.trim() : String(error);
}
