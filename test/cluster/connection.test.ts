import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { connect } from '../../src/cluster/connection.ts';
import { connectInCluster } from '../../src/cluster/in-cluster.ts';
import { OperatorError } from '../../src/errors.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'daytwo-connection-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  vi.useRealTimers();
});

describe('kubeconfig', () => {
  test('the file that is named goes before KUBECONFIG, and that before the one at home', async () => {
    const [named, listed] = [kubeconfig('named'), kubeconfig('listed')];
    mkdirSync(join(folder, '.kube'));
    kubeconfig('home', join(folder, '.kube', 'config'));
    const env = { HOME: folder, KUBECONFIG: listed };
    expect((await connect({ kubeconfig: named, env })).server).toBe('https://named.example:6443');
    expect((await connect({ env })).server).toBe('https://listed.example:6443');
    expect((await connect({ env: { HOME: folder } })).server).toBe('https://home.example:6443');
  });

  test('KUBECONFIG may list files, some of which do not exist; the first one to say something is right', async () => {
    const env = { KUBECONFIG: [join(folder, 'gone'), kubeconfig('first'), kubeconfig('second')].join(':') };
    const connection = await connect({ env });
    expect(connection.server).toBe('https://first.example:6443');
    expect(await connection.headers()).toEqual({ Authorization: 'Bearer first' });
    expect(connection.namespace).toBe('first-namespace');
    expect((await connect({ context: 'second', env })).server).toBe('https://second.example:6443');
  });

  test.each([
    ['a file that does not exist', () => ({ kubeconfig: join(folder, 'gone'), env: {} }), /gone: ENOENT/],
    ['KUBECONFIG without any file', () => ({ env: { KUBECONFIG: join(folder, 'gone') } }), /gone: ENOENT/],
    [
      'a context that does not exist',
      () => ({ context: 'prod', kubeconfig: kubeconfig('dev'), env: {} }),
      /"prod".*contexts: dev/,
    ],
    ['nothing at all', () => ({ env: { HOME: folder } }), /no cluster to talk to: pass --kubeconfig/],
  ])('%s is a mistake of the operator', async (_name, options, message) => {
    const failed = connect(options());
    await expect(failed).rejects.toBeInstanceOf(OperatorError);
    await expect(failed).rejects.toThrow(message);
  });

  test('an exec plugin is run, and run again for credentials that were refused', async () => {
    const counter = join(folder, 'counter');
    const credential = `{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"'$n'","expirationTimestamp":"2020-01-01T00:00:00Z"}}`;
    const script = `n=$(cat ${counter} 2>/dev/null || echo 0); n=$((n+1)); echo $n > ${counter}; echo '${credential}'`;
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script] };
    const connection = await connect({ kubeconfig: kubeconfig('exec', undefined, { exec }), env: {} });
    const before = await connection.headers();
    await connection.renew();
    expect(Number(tokenIn(await connection.headers()))).toBeGreaterThan(Number(tokenIn(before)));
  });
});

describe('in a pod', () => {
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
  beforeEach(() => {
    writeFileSync(join(folder, 'ca.crt'), '');
    writeFileSync(join(folder, 'namespace'), 'daytwo-system\n');
    writeFileSync(join(folder, 'token'), 'first\n');
  });

  test('the ServiceAccount says where and who', async () => {
    const connection = connectInCluster(env, folder);
    expect(connection.server).toBe('https://[fd00::1]:443');
    expect(connection.namespace).toBe('daytwo-system');
    expect(await connection.headers()).toEqual({ authorization: 'Bearer first' });
  });

  test('a token that the kubelet replaced is read within a minute, or as soon as the old one is refused', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const connection = connectInCluster(env, folder);
    await connection.headers();
    writeFileSync(join(folder, 'token'), 'second');
    vi.advanceTimersByTime(61_000);
    expect(await connection.headers()).toEqual({ authorization: 'Bearer second' });
    writeFileSync(join(folder, 'token'), 'third');
    await connection.renew();
    expect(await connection.headers()).toEqual({ authorization: 'Bearer third' });
  });
});

/** @returns the path of a kubeconfig whose cluster, user and context have this name */
function kubeconfig(name: string, file = join(folder, `${name}.yaml`), user: object = { token: name }): string {
  writeFileSync(
    file,
    JSON.stringify({
      clusters: [{ name, cluster: { server: `https://${name}.example:6443` } }],
      users: [{ name, user }],
      contexts: [{ name, context: { cluster: name, user: name, namespace: `${name}-namespace` } }],
      'current-context': name,
    }),
  );
  return file;
}

function tokenIn(headers: Readonly<Record<string, string>>): string {
  return headers['Authorization']?.replace('Bearer ', '') ?? '';
}
