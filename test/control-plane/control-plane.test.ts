import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import type { ServerName } from './servers.ts';

const servers = ['etcd', 'kube-apiserver', 'kube-controller-manager'] as const satisfies ServerName[];

describe('a control plane with a controller manager', () => {
  let controlPlane: ControlPlane;

  beforeAll(async () => {
    controlPlane = await startControlPlane({
      controllerManager: true,
      users: [{ name: 'release-engineer', groups: ['releases'] }],
      auditLevel: 'Metadata',
    });
  });
  afterAll(async () => {
    await controlPlane?.stop();
  });

  test('kubectl and the API server know their version', async () => {
    const { stdout } = await controlPlane.kubectl(['version', '-o', 'json']);
    const gitVersion = expect.stringMatching(/^v1\.\d+\.\d+/);
    expect(JSON.parse(stdout)).toMatchObject({ clientVersion: { gitVersion }, serverVersion: { gitVersion } });
  });

  test('a user may do what RBAC allows, and nothing before that', async () => {
    const refused = await controlPlane.kubectl(['get', 'pods'], { as: 'release-engineer' });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('User "release-engineer" cannot list resource "pods"');

    await kubectl(['create', 'clusterrolebinding', 'releases', '--clusterrole=view', '--group=releases']);
    await vi.waitFor(() => kubectl(['get', 'pods'], { as: 'release-engineer' }), { timeout: 10_000 });
  });

  test('a Deployment of the developer makes a ReplicaSet and Pods', async () => {
    await kubectl(['create', 'namespace', 'shop']);
    await kubectl(['create', 'rolebinding', 'edit', '-n', 'shop', '--clusterrole=edit', '--user=developer']);
    const input = JSON.stringify(deployment('checkout', 2));
    // The authorizer learns of a new binding by a watch, a moment later.
    const apply = () => kubectl(['apply', '-n', 'shop', '-f', '-'], { as: 'developer', input });
    await vi.waitFor(apply, { timeout: 10_000 });

    await vi.waitFor(async () => expect(await names('replicasets')).toHaveLength(1), { timeout: 30_000 });
    await vi.waitFor(async () => expect(await names('pods')).toHaveLength(2), { timeout: 30_000 });
  });

  test('a test writes the status that no kubelet writes', async () => {
    const [pod = ''] = await names('pods');
    await controlPlane.writeStatus({ resource: pod, namespace: 'shop' }, { phase: 'Running', podIP: '10.1.0.7' });
    expect(await kubectl(['get', pod, '-n', 'shop', '-o', 'jsonpath={.status.phase}'])).toBe('Running');
  });

  test('the audit log names who did what', async () => {
    const log = await readFile(controlPlane.auditLogFile ?? '', 'utf8');
    const events = log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(events).toContainEqual(
      expect.objectContaining({
        verb: 'create',
        user: expect.objectContaining({ username: 'system:serviceaccount:kube-system:replicaset-controller' }),
      }),
    );
  });

  test('the API server comes back with its port and its data', async () => {
    const before = controlPlane.processId('kube-apiserver');
    await controlPlane.killApiServer();
    expect(controlPlane.processId('kube-apiserver')).toBeUndefined();
    expect((await controlPlane.kubectl(['get', 'namespaces'])).stderr).toContain('refused');

    await controlPlane.startApiServer();
    expect(controlPlane.processId('kube-apiserver')).not.toBe(before);
    expect(await names('pods')).toHaveLength(2);
  });

  test('a namespace goes away with everything in it', async () => {
    // At least 5 s: the namespace controller waits that long, whatever its flags.
    await kubectl(['delete', 'namespace', 'shop', '--timeout=50s']);
  });

  test('stop leaves neither a process nor a file behind', async () => {
    const processIds = servers.map((name) => controlPlane.processId(name));
    expect(processIds).not.toContain(undefined);
    await controlPlane.stop();
    expect(servers.map((name) => controlPlane.processId(name))).toEqual([undefined, undefined, undefined]);
    for (const processId of processIds) {
      expect(() => process.kill(processId ?? 0, 0)).toThrow('ESRCH');
    }
    expect(existsSync(dirname(controlPlane.logsFolder))).toBe(false);
    await controlPlane.stop();
  });

  /** The output of a kubectl that must not fail. */
  async function kubectl(...call: Parameters<ControlPlane['kubectl']>): Promise<string> {
    const { code, stdout, stderr } = await controlPlane.kubectl(...call);
    expect(code, stderr).toBe(0);
    return stdout;
  }

  /** Of the objects of a kind in the namespace shop: `pod/checkout-1`. */
  async function names(resources: string): Promise<string[]> {
    const output = await kubectl(['get', resources, '-n', 'shop', '-o', 'name']);
    return output.split('\n').filter((line) => line !== '');
  }
});

test('without a controller manager a Pod needs no ServiceAccount', async () => {
  const controlPlane = await startControlPlane({ controllerManager: false });
  try {
    const { code, stderr } = await controlPlane.kubectl(['run', 'app', '--image=registry.example/app:1.0.0']);
    expect(code, stderr).toBe(0);
  } finally {
    await controlPlane.stop();
  }
});

test('a server that does not start is quoted', async () => {
  const start = startControlPlane({ controllerManager: false, apiServerFlags: ['--no-such-flag'] });
  await expect(start).rejects.toThrow(/kube-apiserver ended with exit code 1:[^]*unknown flag: --no-such-flag/);
});

function deployment(name: string, replicas: number): object {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'registry.example/app:1.0.0' }] } },
    },
  };
}
