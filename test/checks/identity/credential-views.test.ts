import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { credential } from '../../fixtures/credentials.ts';
import { configMap, detectorsIn, findings, withEnv } from './credential-subjects.ts';

const secretYaml = `apiVersion: v1
kind: Secret
data:
  id: @@base64:aws-access-key-id@@
  secret: @@base64:aws-secret-key@@
`;
const envYaml = `env:
- name: AWS_SECRET_ACCESS_KEY
  value: "@@aws-secret-key@@"
`;
const wrapped = credential('base64:gzip:terraform-state').replaceAll(/(.{76})/g, '$1\n    ');

describe('a key pair in a ConfigMap is found', () => {
  test.each<[string, string, string]>([
    ['in an INI profile', 'aws-pair', '@@aws-profile@@'],
    ['in JSON', 'aws-pair', '{"accessKeyId":"@@aws-access-key-id@@","secretAccessKey":"@@aws-secret-key@@"}'],
    ['in properties', 'aws-pair', 'cloud.aws.accessKey=@@aws-access-key-id@@\ncloud.aws.secretKey=@@aws-secret-key@@'],
    ['in YAML', 'aws-pair', 'aws:\n  id: @@aws-access-key-id@@\n  secret: |-\n    @@aws-secret-key@@\n'],
    ['in XML', 'aws-secret-key', '<c><awsSecretAccessKey>@@aws-secret-key@@</awsSecretAccessKey></c>'],
    ['in the query of a URL', 'aws-secret-key', 's3://bucket?region=x&aws_secret_access_key=@@aws-secret-key@@'],
    ['in the user of a URL, percent-encoded', 'aws-pair', 'store: @@aws-url@@'],
    ['in a shell script', 'aws-secret-key', '#!/bin/sh\nexport AWS_SECRET_ACCESS_KEY="@@aws-secret-key@@"\n'],
    ['in a command line', 'aws-secret-key', 'run --aws-secret-access-key @@aws-secret-key@@ --verbose'],
    ['in the env of a manifest', 'aws-secret-key', envYaml],
    ['in a Secret manifest', 'aws-pair', secretYaml],
    [
      'with JSON escapes',
      'aws-pair',
      `{"id":"\\u0041${credential('aws-access-key-id').slice(1)}","key":"@@aws-secret-key@@"}`,
    ],
    ['in JSON within JSON', 'gcp-sa-key', JSON.stringify({ key: credential('gcp-sa-key') })],
    ['in JSON within YAML', 'gcp-sa-key', 'google:\n  key: |\n    @@gcp-sa-key@@\n'],
    ['in base64', 'aws-pair', '@@base64:aws-profile@@'],
    ['in URL-safe base64', 'gcp-sa-key', '@@base64url:gcp-sa-key@@'],
    ['in base64 of base64', 'aws-pair', '@@base64:base64:aws-profile@@'],
    ['in a base64 leaf', 'aws-pair', '{"config":"@@base64:aws-profile@@"}'],
    ['in base64 within a script', 'aws-pair', 'echo @@base64:aws-profile@@ | base64 -d > ~/.aws/credentials'],
    ['in gzip', 'aws-pair', '@@base64:gzip:aws-profile@@'],
    ['in gzip, twice in base64', 'aws-pair', '@@base64:base64:gzip:aws-profile@@'],
    ['in gzip, wrapped at 76 characters', 'aws-pair', `state: |\n    ${wrapped}\nnext: 1\n`],
    ['behind a comment that says example', 'aws-pair', '# an example: replace me\n@@aws-profile@@'],
    ['in a kubeconfig', 'kubeconfig-cred', 'clusters: []\nusers:\n- name: ci\n  user:\n    token: @@bearer-token@@\n'],
    ['by its name in an openrc file', 'openstack', 'export OS_USERNAME=shop\nexport OS_PASSWORD=p7!kQz93Lw&r\n'],
    [
      'in a private key with an indentation',
      'pem-private-key',
      `tls: |\n  ${credential('pem-private-key').replaceAll('\\n', '\n  ')}`,
    ],
  ])('%s', (_, detector, value) => {
    expect(detectorsIn(findings(configMap({ file: value })))).toEqual([detector]);
  });

  test('percent-encoded so often that no long run is left', () => {
    const slashed = credential('aws-secret-key').replace(/^(.{13}).(.{13})./, '$1/$2/');
    const found = findings(withEnv({ URL: `s3://bucket?aws_secret_access_key=${encodeURIComponent(slashed)}` }));
    expect(detectorsIn(found)).toEqual(['aws-secret-key']);
  });

  test('in values of one line, under separate keys', () => {
    expect(detectorsIn(findings(configMap({ id: '@@aws-access-key-id@@', other: '@@aws-secret-key@@' })))).toEqual([
      'aws-pair',
    ]);
  });

  test('in binaryData, plain or packed', () => {
    for (const encoded of ['base64:aws-profile', 'base64:gzip:aws-profile', 'base64:base64:aws-profile']) {
      const found = findings(configMap({}, { binaryData: { file: `@@${encoded}@@` } }));
      expect(found.map(({ identity, path }) => [identity, path])).toEqual([
        ['binaryData/file/aws-pair', '/binaryData/file'],
      ]);
    }
  });
});

describe('nothing is found', () => {
  test.each<[string, object]>([
    ['where an id and a random value stand in separate files', { a: 'hash: @@aws-secret-key@@\n', b: 'x: y\n' }],
    [
      'by randomness alone in what was decoded',
      { a: Buffer.from(`api=${credential('gcp-api-key')}`).toString('base64') },
    ],
    ['in three layers of base64', { a: '@@base64:base64:base64:aws-profile@@' }],
    ['in SOPS ciphertext', { a: 'aws_secret_access_key: ENC[AES256_GCM,data:@@azure-old-storage-key@@,tag:x]\n' }],
    ['in a sealed value', { a: 'aws_secret_access_key: AgA@@aws-session-token@@\n' }],
    [
      'in a key that only refers to files',
      { a: 'clusters: []\nusers:\n- user:\n    tokenFile: /var/run/token-of-this-workload\n' },
    ],
  ])('%s', (_, data) => {
    expect(findings(configMap(data))).toEqual([]);
  });
});

test('one finding for each kind of key in a file, with all its lines', () => {
  const file =
    'a=1\nkey: @@azure-client-secret@@\n@@aws-profile@@\nother: @@azure-client-secret@@x\nsecond: @@azure-storage-connection@@\n';
  const found = findings(configMap({ 'app.conf': `${file}third: ${credential('azure-storage-key')}\n` }));
  expect(found.map(({ identity, message }) => `${identity}: ${message}`)).toEqual([
    'data/app.conf/azure-client-secret: data "app.conf" line 2 holds an Entra ID client secret',
    `data/app.conf/aws-pair: data "app.conf" line 5 holds an AWS access key (…${credential('aws-access-key-id').slice(-4)})`,
    'data/app.conf/azure-storage-key: data "app.conf" lines 8, 9 hold an Azure storage account key',
  ]);
});

describe('of several keys in one place the gravest decides', () => {
  test.each<[string, string, string]>([
    ['an expired signature before a valid one', '@@azure-sas-expired@@\n@@azure-sas@@\n', 'azure-sas'],
    ['a public key before a secret one', '@@gcp-api-key@@ @@azure-client-secret@@', 'azure-client-secret'],
    ['a stub before a login', '{"refresh_token":"replace-me-with-a-token"} @@gcp-adc-user@@', 'gcp-adc-user'],
  ])('%s', (_, value, detector) => {
    const found = findings(withEnv({ KEY: value }));
    expect(detectorsIn(found)).toEqual([detector]);
    expect(found.map(({ atMost }) => atMost)).toEqual([undefined]);
  });
});

describe('what cannot be read to its end is said', () => {
  const incomplete = (object: ReturnType<typeof configMap>, params = {}) =>
    findings(object, { params }).map(({ identity, atMost, severity }) => [identity, atMost, severity]);

  test('a value over maxBytes, whose beginning is read all the same', () => {
    const object = configMap({ big: `@@aws-profile@@${'x: y\n'.repeat(1000)}`, small: 'x' });
    expect(incomplete(object, { maxBytes: 2048 })).toEqual([
      ['data/big/aws-pair', undefined, undefined],
      ['data/big/not-scanned', 'Audit', 'info'],
    ]);
  });

  test('gzip that inflates to more than it may', () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000)).toString('base64');
    expect(incomplete(configMap({ bomb }))).toEqual([['data/bomb/not-scanned', 'Audit', 'info']]);
    expect(incomplete(configMap({}, { binaryData: { bomb } }))).toEqual([
      ['binaryData/bomb/not-scanned', 'Audit', 'info'],
    ]);
  });

  test('gzip that shrinks as no honest text does', () => {
    const zeros = gzipSync(Buffer.alloc(1_000_000)).toString('base64');
    expect(incomplete(configMap({ zeros }))).toEqual([['data/zeros/not-scanned', 'Audit', 'info']]);
  });

  test('the budget is one for the whole object', () => {
    const words = Buffer.from('some words of a text that shrinks well, but not absurdly. '.repeat(30_000));
    const one = gzipSync(words, { level: 1 }).toString('base64');
    const data = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`part${i}`, one]));
    expect(incomplete(configMap(data)).map(([identity]) => identity)).toEqual([
      'data/part4/not-scanned',
      'data/part5/not-scanned',
    ]);
  });
});

describe('a megabyte of anything is read in moments', () => {
  const full = (text: string) => text.repeat(Math.ceil(1_000_000 / text.length)).slice(0, 1_000_000);
  const pem = `"private_key":"${credential('pem-private-key')}",`;
  const [header = ''] = credential('pem-private-key').split('\\n');

  test.each<[string, string]>([
    ['prose', full('The quick brown fox: jumps over = 12 users.\n')],
    ['one long run', full('A')],
    ['literals', full('AKIALTAIGOOGABSK')],
    ['key pairs', full(`${credential('aws-access-key-id')} ${credential('aws-secret-key')}\n`)],
    ['random values', full(`${credential('aws-secret-key')} `)],
    ['private keys', full(pem)],
    ['headers of private keys', full(`${header}${'\\'.repeat(8000)}`)],
    ['connection strings', full('Endpoint=sb://x;SharedAccessKey=')],
    ['signatures', full('https://a.core.windows.net/?se=2030-01-01&sig=')],
    ['names', full('OS_a')],
    ['escapes', full('\\n\\"a\\/b')],
    ['small base64', full(`${Buffer.from('some words of a text').toString('base64')}\n`)],
    ['small gzip', full(`${credential('base64:gzip:aws-profile')}\n`)],
    ['white space', full(' \n')],
  ])('%s', (_, text) => {
    const start = performance.now();
    findings(configMap({ file: `${text}\n` }));
    // What is quadratic anywhere takes minutes; the limit leaves room for a busy machine.
    expect(performance.now() - start).toBeLessThan(3000);
  });
});
