import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type User, writeCredentials } from './credentials.ts';
import { freePorts } from './free-ports.ts';
import type { Reaper } from './reaper.ts';
import type { BinaryName } from './recipe.ts';
import { type AuditLevel, apiServerFlags, controllerManagerFlags, etcdFlags } from './server-flags.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { statusOf } from './status-of.ts';
import { waitUntilReady } from './wait-until-ready.ts';

export type ServerName = Exclude<BinaryName, 'kubectl'>;

/** The processes of a control plane. */
export interface Servers {
  /** URL of the API server. */
  server: string;
  /** PEM file by which the API server's certificate is verified. */
  caFile: string;
  /** Where each server writes `<name>.log`. */
  logsFolder: string;
  /** One JSON audit event a line; undefined without an `auditLevel`. */
  auditLogFile: string | undefined;
  /**
   * Path of the kubeconfig of a user. `admin` is in system:masters; `developer` may do nothing until a test binds a
   * role. Throws for a user that does not exist.
   */
  kubeconfig: (user: string) => string;
  /** The bearer token of a user, for requests without kubectl. Throws as `kubeconfig`. */
  token: (user: string) => string;
  /** The process id of a server as long as it runs. */
  processId: (name: ServerName) => number | undefined;
  /** Ends the API server by SIGKILL; returns when it is gone. */
  killApiServer: () => Promise<void>;
  /** Starts it again after `killApiServer`, with the same port, certificate and data; returns when it is ready. */
  startApiServer: () => Promise<void>;
}

export interface ServersOptions {
  /**
   * With it Deployments make ReplicaSets and Pods, and ServiceAccounts, garbage collection and the end of a namespace
   * work. Without it the start is faster and nothing but the test writes objects.
   */
  controllerManager: boolean;
  /** In addition to `admin` and `developer`. */
  users?: readonly User[];
  /** Makes the API server write an audit log. None by default. */
  auditLevel?: AuditLevel;
  /** More flags for the API server, such as `--v=4`; where one occurs twice, the API server takes the last. */
  apiServerFlags?: readonly string[];
}

/** Where the servers come from, and where they write. */
export interface Surroundings {
  /** The folder of the binaries. */
  binaries: string;
  /** An existing folder, for everything that is written. */
  folder: string;
  reaper: Reaper;
}

/** Milliseconds. A start takes 4 s; a machine that compiles beside it, or a cold disk, can make that a minute. */
const startDeadline = 120_000;

/** Returns when all servers are ready for use. Throws as `waitUntilReady`, and then leaves what runs to the reaper. */
export async function startServers(
  options: ServersOptions,
  { binaries, folder, reaper }: Surroundings,
): Promise<Servers> {
  const { controllerManager } = options;
  const ports = await freePorts('apiServer', 'etcd', 'etcdPeer');
  const server = `https://127.0.0.1:${ports.apiServer}`;
  const certFolder = join(folder, 'certs');
  // The API server makes its own certificate, and appends that of the authority which it made for the purpose.
  const caFile = join(certFolder, 'apiserver.crt');
  const logsFolder = join(folder, 'logs');
  await mkdir(logsFolder);
  const credentials = await writeCredentials({ folder, server, caFile, users: allUsers(options.users) });
  const audit = options.auditLevel && (await writeAuditPolicy(folder, logsFolder, options.auditLevel));

  const running = new Map<ServerName, ServerProcess>();
  const start = async (name: ServerName, flags: readonly string[]) => {
    const logFile = join(logsFolder, `${name}.log`);
    running.set(name, await startServer({ name, binary: join(binaries, name), flags, logFile, folder, reaper }));
  };
  const untilServed = async (path: string) => {
    const request = { url: server + path, caFile, token: credentials.token('admin') };
    const ready = async () => (await statusOf(request)) === 200;
    await waitUntilReady({ ready, what: path, servers: [...running.values()], deadline: startDeadline });
  };
  const etcdUrl = `http://127.0.0.1:${ports.etcd}`;
  const startApiServer = async () => {
    const settings = { etcdUrl, port: ports.apiServer, certFolder, credentials, controllerManager, audit };
    await start('kube-apiserver', [...apiServerFlags(settings), ...(options.apiServerFlags ?? [])]);
    await untilServed('/readyz');
  };

  const peerUrl = `http://127.0.0.1:${ports.etcdPeer}`;
  await start('etcd', etcdFlags({ dataFolder: join(folder, 'etcd'), clientUrl: etcdUrl, peerUrl }));
  // Without waiting for etcd: the API server tries again until it answers.
  await startApiServer();
  // Made by a loop in the background that /readyz does not wait for.
  await untilServed('/api/v1/namespaces/default');
  if (controllerManager) {
    await start('kube-controller-manager', controllerManagerFlags({ folder, caFile, credentials }));
    // The API server refuses Pods until it is there; and once it is, the controllers are at work.
    await untilServed('/api/v1/namespaces/default/serviceaccounts/default');
  }

  return {
    server,
    caFile,
    logsFolder,
    auditLogFile: audit?.logFile,
    kubeconfig: credentials.kubeconfig,
    token: credentials.token,
    processId: (name) => (running.get(name)?.end() === undefined ? running.get(name)?.processId : undefined),
    killApiServer: async () => await running.get('kube-apiserver')?.kill(),
    startApiServer,
  };
}

function allUsers(more: readonly User[] = []): User[] {
  return [
    { name: 'admin', groups: ['system:masters'] },
    { name: 'developer' },
    // Bound by the API server itself to just what it needs.
    { name: 'system:kube-controller-manager' },
    ...more,
  ];
}

async function writeAuditPolicy(folder: string, logsFolder: string, level: AuditLevel) {
  const policyFile = join(folder, 'audit-policy.json');
  const policy = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages: ['RequestReceived'], rules: [{ level }] };
  await writeFile(policyFile, JSON.stringify(policy));
  return { policyFile, logFile: join(logsFolder, 'audit.log') };
}
