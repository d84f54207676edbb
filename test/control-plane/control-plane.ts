import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOrBuildBinaries } from './binaries.ts';
import { type KubectlResult, runKubectl } from './kubectl.ts';
import { startReaper } from './reaper.ts';
import { type Servers, type ServersOptions, startServers } from './servers.ts';

export interface ControlPlaneOptions extends ServersOptions {
  /** Gets the progress of a build of the binaries, a line at a time. stderr by default. */
  log?: (line: string) => void;
}

/** etcd, kube-apiserver and, if asked for, kube-controller-manager as processes on 127.0.0.1, and kubectl for them. */
export interface ControlPlane extends Servers {
  kubectl: (args: readonly string[], options?: KubectlCallOptions) => Promise<KubectlResult>;
  /** Merges a status, which no kubelet of ours would write, into an object, as admin. Throws with kubectl's words. */
  writeStatus: (object: ObjectReference, status: object) => Promise<void>;
  /** Ends every process and removes every file, the logs too; returns when both are done. May be called again. */
  stop: () => Promise<void>;
}

export interface KubectlCallOptions {
  /** User name; `admin` by default. */
  as?: string;
  /** What kubectl reads from `-f -`. */
  input?: string;
  /** Milliseconds, 60,000 by default; afterwards kubectl is killed and the call throws. */
  timeout?: number;
}

export interface ObjectReference {
  /** As kubectl takes it: `pod/checkout-1`, `deployments.apps/checkout`. */
  resource: string;
  /** `default` by default; of no account for objects without one, such as a Node. */
  namespace?: string;
}

/**
 * Starts a control plane and returns when it is ready for use: about 4 s, after a build of minutes the first time ever.
 * It ends with this process at the latest, however that ends.
 *
 * Throws with the last lines of its log where a server ends or is not ready in time, and as `findOrBuildBinaries`.
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { controllerManager, log = (line) => process.stderr.write(`${line}\n`) } = options;
  const binaries = await findOrBuildBinaries({ log, controllerManager });
  const folder = await mkdtemp(join(tmpdir(), 'daytwo-control-plane-'));
  const reaper = startReaper(folder);
  try {
    const servers = await startServers(options, { binaries, folder, reaper });
    const kubectl: ControlPlane['kubectl'] = async (args, { as = 'admin', input = '', timeout = 60_000 } = {}) => {
      const kubeconfig = servers.kubeconfig(as);
      return await runKubectl(args, { binary: join(binaries, 'kubectl'), kubeconfig, home: folder, input, timeout });
    };
    return {
      ...servers,
      kubectl,
      writeStatus: async (object, status) => await writeStatus(kubectl, object, status),
      stop: async () => await reaper.reap(),
    };
  } catch (error) {
    await reaper.reap();
    throw error;
  }
}

async function writeStatus(
  kubectl: ControlPlane['kubectl'],
  { resource, namespace = 'default' }: ObjectReference,
  status: object,
): Promise<void> {
  const patch = JSON.stringify({ status });
  const args = ['patch', resource, '-n', namespace, '--subresource=status', '--type=merge', '-p', patch];
  const { code, stderr } = await kubectl(args);
  if (code !== 0) throw new Error(`the status of ${resource} could not be written: ${stderr}`);
}
