import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../src/checks/check.ts';
import { fingerprint } from '../../../src/checks/identity/credentials/fingerprint.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { valueAt } from '../../../src/kubernetes/json-pointer.ts';
import { credential } from '../../fixtures/credentials.ts';
import { configMap, deployment, detectorsIn, findings, withEnv } from './credential-subjects.ts';

const key = '@@azure-client-secret@@';
const template = '/spec/template/spec';

describe('a key is found wherever an author can write one', () => {
  const container = `${template}/containers/0`;
  test.each<[string, string, string, KubernetesObject]>([
    ['env', 'container/app/env/KEY', `${container}/env/0/value`, withEnv({ KEY: key })],
    [
      'args',
      'container/app/args/azure-client-secret',
      `${container}/args/1`,
      deployment({ args: ['-v', `--key=${key}`] }),
    ],
    [
      'command',
      'container/app/command/azure-client-secret',
      `${container}/command/2`,
      deployment({ command: ['sh', '-c', `export KEY=${key}; run`] }),
    ],
    [
      'the header of a probe',
      'container/app/readinessProbe/header/Authorization',
      `${container}/readinessProbe/httpGet/httpHeaders/0/value`,
      deployment({
        readinessProbe: { httpGet: { port: 80, httpHeaders: [{ name: 'Authorization', value: `Bearer ${key}` }] } },
      }),
    ],
    [
      'the command of a probe',
      'container/app/livenessProbe/exec/azure-client-secret',
      `${container}/livenessProbe/exec/command/0`,
      deployment({ livenessProbe: { exec: { command: [`login ${key}`] } } }),
    ],
    [
      'a lifecycle hook',
      'container/app/preStop/exec/azure-client-secret',
      `${container}/lifecycle/preStop/exec/command/0`,
      deployment({ lifecycle: { preStop: { exec: { command: [`logout ${key}`] } } } }),
    ],
    [
      'an init container',
      'container/init/env/KEY',
      `${template}/initContainers/0/env/0/value`,
      deployment({}, { spec: { initContainers: [{ name: 'init', env: [{ name: 'KEY', value: key }] }] } }),
    ],
    [
      'an annotation of the template',
      'template/annotation/example.com/conf/azure-client-secret',
      '/spec/template/metadata/annotations/example.com~1conf',
      deployment({}, { metadata: { annotations: { 'example.com/conf': key } } }),
    ],
    [
      'an inline CSI volume',
      'volume/data/secret',
      `${template}/volumes/0/csi/volumeAttributes/secret`,
      deployment(
        {},
        { spec: { volumes: [{ name: 'data', csi: { driver: 'x', volumeAttributes: { secret: key } } }] } },
      ),
    ],
    [
      'a flexVolume',
      'volume/data/secret',
      `${template}/volumes/0/flexVolume/options/secret`,
      deployment({}, { spec: { volumes: [{ name: 'data', flexVolume: { driver: 'x', options: { secret: key } } }] } }),
    ],
    [
      'an annotation of the object',
      'annotation/example.com/conf/azure-client-secret',
      '/metadata/annotations/example.com~1conf',
      configMap({}, { metadata: { name: 'shop', annotations: { 'example.com/conf': key } } }),
    ],
    [
      'the parameters of a StorageClass',
      'parameters/secret',
      '/parameters/secret',
      configMap({}, { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', parameters: { secret: key } }),
    ],
    [
      'the attributes of a PersistentVolume',
      'volumeAttributes/secret',
      '/spec/csi/volumeAttributes/secret',
      configMap({}, { kind: 'PersistentVolume', spec: { csi: { volumeAttributes: { secret: key } } } }),
    ],
  ])('%s', (_, identity, path, object) => {
    const found = findings(object);
    expect(found.map((finding) => [finding.identity, finding.path])).toEqual([[identity, path]]);
    expect(valueAt(object, path)).toContain(credential('azure-client-secret'));
  });
});

describe('the reference to a Secret is written as its place takes it', () => {
  const attributes = { driver: 'x', volumeAttributes: { secret: key } };
  const options = { driver: 'x', options: { secret: key } };
  const bare = '{name: <secret>}';
  const withNamespace = '{name: <secret>, namespace: <namespace>}';

  test.each([
    [`nodePublishSecretRef: ${bare}`, deployment({}, { spec: { volumes: [{ name: 'data', csi: attributes }] } })],
    [`  secretRef: ${bare}`, deployment({}, { spec: { volumes: [{ name: 'data', flexVolume: options }] } })],
    [`nodePublishSecretRef: ${withNamespace}`, persistentVolume({ csi: attributes })],
    [`  secretRef: ${withNamespace}`, persistentVolume({ flexVolume: options })],
    [
      'csi.storage.k8s.io/node-publish-secret-namespace: <namespace>',
      configMap({}, { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', parameters: { secret: key } }),
    ],
  ])('%s', (reference, object) => {
    expect(findings(object).map(({ fix }) => fix.includes(reference))).toEqual([true]);
  });

  function persistentVolume(spec: object): KubernetesObject {
    return configMap({}, { kind: 'PersistentVolume', spec });
  }
});

test('serviceAccountName goes where there are pods, and a ConfigMap has none', () => {
  const [ofPod] = findings(withEnv({ KEY: key }));
  const [ofMap] = findings(configMap({ 'app.conf': key }));
  expect(ofPod?.fix).toMatch(/^Remove it and give the pod's ServiceAccount/);
  expect(ofMap?.fix).toMatch(/^Remove it here, .*\n.*\n {2}serviceAccountName: <name> {3}# in the spec of those pods;/);
});

test.each(['LINODE_TOKEN=@@linode-token@@ linode-cli ls', '--linode-token=@@linode-token@@'])(
  'a token in hex goes by the name before it: %s',
  (argument) => {
    expect(findings(deployment({ args: [argument] })).map(({ identity }) => identity)).toEqual([
      'container/app/args/linode',
    ]);
    expect(findings(deployment({ args: [argument.replace(/linode/i, 'x')] }))).toEqual([]);
  },
);

test('the copy of the object that kubectl keeps is not judged a second time', () => {
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': `{"data":{"key":"${key}"}}` };
  expect(findings(configMap({}, { metadata: { name: 'shop', annotations } }))).toEqual([]);
});

test('a flag and its value are one thing, though they are two arguments', () => {
  const found = findings(deployment({ args: ['--aws-secret-access-key', '@@aws-secret-key@@'] }));
  expect(found.map(({ identity }) => identity)).toEqual(['container/app/args/aws-secret-key']);
});

describe('an id and its secret belong together', () => {
  const variables = (name: string, value: string) => ({ name, image: 'x', env: [{ name: 'X', value }] });

  test('in one container, not across containers', () => {
    const containers = [variables('a', '@@aws-access-key-id@@'), variables('b', '@@aws-secret-key@@')];
    const found = findings(deployment({}, { spec: { containers } }));
    expect(detectorsIn(found)).toEqual(['aws-id-only']);
  });

  test('the finding stands at the secret and names the end of the id', () => {
    const [found] = findings(withEnv({ ID: '@@aws-access-key-id@@', AWS_SECRET_ACCESS_KEY: '@@aws-secret-key@@' }));
    expect(found?.identity).toBe('container/app/env/AWS_SECRET_ACCESS_KEY');
    expect(found?.message).toContain(`(…${credential('aws-access-key-id').slice(-4)})`);
  });

  test('temporary keys are less grave, since they end by themselves', () => {
    const temporary = { A: '@@aws-temporary-key-id@@', B: '@@aws-secret-key@@', C: '@@aws-session-token@@' };
    expect(findings(withEnv(temporary))).toMatchObject([
      { severity: 'high', why: expect.stringContaining('until it expires') as string },
    ]);
  });
});

describe('a secret of an object store outside AWS only warns', () => {
  const secret = { AWS_SECRET_ACCESS_KEY: '@@aws-secret-key@@' };
  const warned = [{ production: 'Warn', standard: 'Warn', sandbox: 'Audit' }];

  test.each([
    [{ ...secret, AWS_ENDPOINT_URL: 'http://minio:9000' }, warned],
    [{ ...secret, S3_ENDPOINT: 's3.example.com' }, warned],
    [{ ...secret, AWS_ENDPOINT_URL_S3: 'https://s3.eu-west-1.amazonaws.com' }, [undefined]],
    [{ ...secret, AWS_ACCESS_KEY_ID: 'minio-user' }, warned],
    [{ ...secret, AWS_ACCESS_KEY_ID: '$(ID_OF_THE_OTHER)' }, [undefined]],
    [{ ...secret, AWS_ACCESS_KEY_ID: '@@aws-documented-id@@' }, [undefined]],
    [{ ...secret, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317' }, [undefined]],
  ])('%o', (env, expected) => {
    expect(findings(withEnv(env)).map(({ atMost }) => atMost)).toEqual(expected);
  });

  test('in a file, too', () => {
    const profile = '[default]\naws_access_key_id = minio-user\naws_secret_access_key = @@aws-secret-key@@\n';
    expect(findings(configMap({ profile })).map(({ atMost }) => atMost)).toEqual(warned);
    const file = 'type: S3\nconfig:\n  endpoint: minio.shop.svc:9000\n  aws_secret_access_key: @@aws-secret-key@@\n';
    expect(findings(configMap({ file })).map(({ atMost }) => atMost)).toEqual(warned);
  });
});

describe('through pods/ephemeralcontainers', () => {
  const debug = { name: 'debugger', image: 'x', env: [{ name: 'KEY', value: credential('azure-client-secret') }] };
  const pod = (ephemeralContainers: readonly object[]): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'shop', namespace: 'shop', annotations: { conf: credential('azure-client-secret') } },
    spec: { containers: [{ ...debug, name: 'app' }], ephemeralContainers },
  });
  const debugging = { subresource: 'ephemeralcontainers', operation: 'UPDATE' } as const;

  test('a key in the debug container is found', () => {
    expect(findings(pod([debug]), debugging).map(({ identity }) => identity)).toEqual(['container/debugger/env/KEY']);
  });

  test('what was in the Pod before does not stand in the way', () => {
    expect(findings(pod([{ name: 'debugger', image: 'x' }]), debugging)).toEqual([]);
  });
});

describe('a hostPath to credentials of the node', () => {
  const mounting = (path: string) => deployment({}, { spec: { volumes: [{ name: 'host', hostPath: { path } }] } });

  test.each([
    '/root/.aws',
    '/home/jane/.aws/credentials',
    '/home/jane/.config/gcloud/',
    '/home/jane/.azure',
    '/etc/kubernetes/azure.json',
    '/etc//kubernetes/./admin.conf',
    '/var/lib/kubelet/pki/kubelet-client-current.pem',
  ])('%s warns', (path) => {
    expect(findings(mounting(path)).map(({ identity, atMost }) => [identity, atMost])).toEqual([
      ['volume/host/hostPath', { production: 'Warn', standard: 'Warn', sandbox: 'Audit' }],
    ]);
  });

  test.each(['/var/log', '/etc/kubernetes/manifests', '/root/.awsome', '/var/lib/kubelet/pods', '/srv/azure'])(
    '%s is none',
    (path) => {
      expect(findings(mounting(path))).toEqual([]);
    },
  );

  test('is what agents in kube-system need', () => {
    expect(findings(mounting('/var/lib/kubelet/pki'), { namespace: 'kube-system' })).toEqual([]);
  });
});

test('a key that the rule accepts by its fingerprint is no finding', () => {
  const object = withEnv({ KEY: key });
  const accepted = fingerprint(credential('azure-client-secret'));
  expect(findings(object)[0]?.fix).toContain(`fingerprint ${accepted}`);
  expect(findings(object, { params: { allowHashes: [accepted] } })).toEqual([]);
});

describe('privacy', () => {
  const specs = [
    'aws-secret-key',
    'azure-client-secret',
    'gcp-sa-key',
    'azure-sas',
    'digitalocean-token',
    'bearer-token',
  ];

  test('no part of a secret leaves the check, whatever it stands in', () => {
    const data = {
      file: `AWS_SECRET_ACCESS_KEY=@@aws-secret-key@@\nusers: clusters:\nuser:\n token: @@bearer-token@@\n@@digitalocean-token@@\n`,
      packed: '@@base64:azure-client-secret@@',
      json: '@@gcp-sa-key@@',
      url: '@@azure-sas@@',
    };
    const found = findings(configMap(data));
    expect(found).toHaveLength(6);
    for (const spec of specs) expectNothingOf(credential(spec), found);
  });

  test('a password that people choose is not even fingerprinted', () => {
    const password = 'p7!kQ z93 Lw; r';
    const [found] = findings(withEnv({ OS_PASSWORD: password }));
    expect(found?.message).toBe('container "app" env OS_PASSWORD holds an OpenStack password');
    expect(found?.fix).not.toContain('fingerprint');
    expect(found?.fix).toMatch(/\nFound by detector openstack$/);
  });
});

/** Eight characters in a row are a part; the clear words around a key (`private_key`, `https://…`) are not of it. */
function expectNothingOf(secret: string, found: readonly Finding[]): void {
  const told = JSON.stringify(found);
  const random = secret.match(/[\w+/~]{20,}/g) ?? [];
  for (const run of random) {
    for (let i = 0; i + 8 <= run.length; i++) expect(told).not.toContain(run.slice(i, i + 8));
  }
  expect(random.length).toBeGreaterThan(0);
}
