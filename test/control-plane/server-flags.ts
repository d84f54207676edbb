import { join } from 'node:path';
import type { Credentials } from './credentials.ts';

/** Level of detail of the API server's audit log; annotations of webhooks are in it from `Metadata` on. */
export type AuditLevel = 'Metadata' | 'Request' | 'RequestResponse';

export interface EtcdSettings {
  dataFolder: string;
  clientUrl: string;
  peerUrl: string;
}

export interface ApiServerSettings {
  etcdUrl: string;
  port: number;
  /** Where the API server makes its serving certificate, apiserver.crt, and finds it again after a restart. */
  certFolder: string;
  credentials: Credentials;
  /** Whether somebody makes the ServiceAccounts without which the admission plugin of that name refuses every Pod. */
  controllerManager: boolean;
  audit: { policyFile: string; logFile: string } | undefined;
}

export interface ControllerManagerSettings {
  /** Where it may write. */
  folder: string;
  caFile: string;
  credentials: Credentials;
}

export function etcdFlags({ dataFolder, clientUrl, peerUrl }: EtcdSettings): string[] {
  return toFlags({
    name: 'default',
    'data-dir': dataFolder,
    'listen-client-urls': clientUrl,
    'advertise-client-urls': clientUrl,
    // A lone member listens for peers all the same.
    'listen-peer-urls': peerUrl,
    'initial-advertise-peer-urls': peerUrl,
    'initial-cluster': `default=${peerUrl}`,
    // Nobody needs the data after a power failure.
    'unsafe-no-fsync': true,
    'log-level': 'error',
  });
}

export function apiServerFlags(settings: ApiServerSettings): string[] {
  const { etcdUrl, port, certFolder, credentials, controllerManager, audit } = settings;
  return toFlags({
    'etcd-servers': etcdUrl,
    'bind-address': '127.0.0.1',
    'advertise-address': '127.0.0.1',
    'secure-port': port,
    'cert-dir': certFolder,
    'token-auth-file': credentials.tokenFile,
    'authorization-mode': 'RBAC',
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-key-file': credentials.serviceAccountKeyFile,
    'service-account-signing-key-file': credentials.serviceAccountKeyFile,
    'service-cluster-ip-range': '10.0.0.0/24',
    // Off by default, and then the API server refuses privileged containers before any webhook sees them.
    'allow-privileged': true,
    // Endpoints must not be on the loopback interface: the reconciler would only log that, over and over.
    'endpoint-reconciler-type': 'none',
    ...(controllerManager ? {} : { 'disable-admission-plugins': 'ServiceAccount' }),
    ...(audit === undefined ? {} : { 'audit-policy-file': audit.policyFile, 'audit-log-path': audit.logFile }),
  });
}

export function controllerManagerFlags({ folder, caFile, credentials }: ControllerManagerSettings): string[] {
  return toFlags({
    kubeconfig: credentials.kubeconfig('system:kube-controller-manager'),
    // Each controller acts as its own ServiceAccount, by which a webhook can tell it from people.
    'use-service-account-credentials': true,
    'service-account-private-key-file': credentials.serviceAccountKeyFile,
    'root-ca-file': caFile,
    // It has nothing to say that the objects do not say.
    'secure-port': 0,
    'cert-dir': join(folder, 'controller-manager-certs'),
    // The only one need not wait for a Lease that a killed one left behind.
    'leader-elect': false,
    // The default of 20 requests a second makes a namespace full of objects slow to delete.
    'kube-api-qps': 1000,
    'kube-api-burst': 2000,
    // Nodes are written by tests, without a kubelet that renews them: what a test declared Ready stays so.
    'node-monitor-grace-period': '24h',
  });
}

function toFlags(flags: Record<string, string | number | boolean>): string[] {
  return Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
}
