import { describe, expect, test } from 'vitest';
import { detectorsIn, findings, withEnv } from './credential-subjects.ts';

/** How the strictest action in production follows from how sure the detector is. */
const ceilings = { high: undefined, medium: 'Warn', low: 'Audit' };

describe('a credential in a variable', () => {
  const id = { AWS_ACCESS_KEY_ID: '@@aws-access-key-id@@' };
  test.each([
    ['aws-pair', 'high', { ...id, AWS_SECRET_ACCESS_KEY: '@@aws-secret-key@@' }],
    ['aws-pair', 'high', { KEY: '@@aws-access-key-id@@', OTHER: '@@aws-secret-key@@' }],
    ['aws-pair', 'high', { BUCKET: '@@aws-url@@' }],
    ['aws-secret-key', 'high', { AWS_SECRET_ACCESS_KEY: '@@aws-secret-key@@' }],
    ['aws-secret-key', 'high', { aws_secretAccessKey: '@@aws-secret-key@@' }],
    ['aws-secret-key', 'high', { ＡＷＳ_ＳＥＣＲＥＴ_ＡＣＣＥＳＳ_ＫＥＹ: '@@aws-secret-key@@' }],
    ['aws-id-only', 'medium', id],
    ['object-store-key', 'medium', { S3_SECRET_KEY: '@@aws-secret-key@@' }],
    ['aws-bedrock-key', 'high', { KEY: '@@aws-bedrock-key@@' }],
    ['gcp-sa-key', 'high', { KEY: '@@gcp-sa-key@@' }],
    ['gcp-adc-user', 'high', { KEY: '@@gcp-adc-user@@' }],
    ['gcp-hmac', 'medium', { KEY: '@@gcp-hmac-id@@' }],
    ['gcp-hmac', 'high', { KEY: '@@gcp-hmac-id@@', OTHER: '@@gcp-hmac-secret@@' }],
    ['gcp-api-key', 'medium', { KEY: '@@gcp-api-key@@' }],
    ['gcp-oauth-secret', 'medium', { KEY: '@@gcp-oauth-secret@@' }],
    ['azure-client-secret', 'high', { KEY: '@@azure-client-secret@@' }],
    ['azure-storage-key', 'high', { KEY: '@@azure-storage-key@@' }],
    ['azure-storage-key', 'high', { KEY: '@@azure-storage-connection@@' }],
    ['azure-messaging', 'high', { KEY: '@@azure-messaging-connection@@' }],
    ['azure-messaging', 'high', { KEY: '@@azure-messaging-key@@' }],
    ['azure-identifiable', 'high', { KEY: '@@azure-cosmos-key@@' }],
    ['azure-identifiable', 'high', { KEY: '@@azure-registry-key@@' }],
    ['azure-identifiable', 'high', { KEY: '@@azure-redis-key@@' }],
    ['azure-identifiable', 'high', { KEY: '@@azure-search-key@@' }],
    ['azure-identifiable', 'high', { KEY: '@@azure-functions-key@@' }],
    ['azure-identifiable', 'high', { KEY: '@@azure-annotated-key@@' }],
    ['azure-appconfig', 'high', { KEY: '@@azure-appconfig-connection@@' }],
    ['azure-sas', 'high', { KEY: '@@azure-sas@@' }],
    ['azure-sas', 'medium', { KEY: '@@azure-sas-delegated@@' }],
    ['azure-sas', 'low', { KEY: '@@azure-sas-expired@@' }],
    ['digitalocean', 'high', { KEY: '@@digitalocean-token@@' }],
    ['digitalocean-spaces', 'medium', { KEY: '@@digitalocean-spaces-id@@' }],
    ['alibaba', 'medium', { KEY: '@@alibaba-id@@' }],
    ['alibaba', 'high', { KEY: '@@alibaba-id@@', OTHER: '@@alibaba-secret@@' }],
    ['tencent', 'medium', { KEY: '@@tencent-id@@' }],
    ['tencent', 'high', { KEY: '@@tencent-id@@', OTHER: '@@tencent-secret@@' }],
    ['yandex', 'high', { KEY: '@@yandex-api-key@@' }],
    ['yandex', 'high', { YANDEX_SECRET: '@@yandex-secret@@' }],
    ['scaleway', 'medium', { SCW_SECRET_KEY: '@@scaleway-secret@@' }],
    ['ibm', 'medium', { IBMCLOUD_API_KEY: '@@ibm-api-key@@' }],
    ['linode', 'medium', { LINODE_TOKEN: '@@linode-token@@' }],
    ['vultr', 'medium', { VULTR_API_KEY: '@@vultr-api-key@@' }],
    ['ovh', 'medium', { OVH_APPLICATION_SECRET: '@@ovh-secret@@' }],
    ['huawei', 'medium', { HW_SECRET_KEY: '@@huawei-secret@@' }],
    ['hetzner', 'medium', { HCLOUD_TOKEN: '@@hetzner-token@@' }],
    ['cloudflare', 'medium', { CLOUDFLARE_API_TOKEN: '@@cloudflare-token@@' }],
    ['openstack', 'medium', { OS_PASSWORD: 'p7!kQ z93 Lw; r' }],
    ['openstack', 'medium', { TF_VAR_os_password: 'p7!kQ z93 Lw; r' }],
    ['pem-private-key', 'high', { KEY: '@@pem-private-key@@' }],
    ['kubeconfig-cred', 'high', { KUBE: kubeconfig('@@bearer-token@@') }],
    ['kubeconfig-cred', 'high', { KUBE: '{"clusters":[],"users":[{"user":{"token":"@@bearer-token@@"}}]}' }],
  ] as const)('%s, %s: %o', (detector, confidence, env) => {
    const found = findings(withEnv(env));
    expect(detectorsIn(found)).toEqual([detector]);
    const [ceiling] = found.map(({ atMost }) => (typeof atMost === 'object' ? atMost.production : atMost));
    expect(ceiling).toBe(ceilings[confidence]);
  });
});

describe('no credential', () => {
  test.each<[string, Record<string, string>]>([
    ['names alone', { SECRETS_DIR: '/mnt/secrets', ML_SECRET_KEY_PATH: '/etc/ml_secret_key', AWS_SECRET_NAME: 'shop' }],
    [
      'a reference to another variable',
      { X_TOKEN: '$(GITLAB_TOKEN)', AWS_SECRET_ACCESS_KEY: '$(AWS_SECRET_OF_THE_OTHER_CONTAINERS_ENV)' },
    ],
    ["the documentation's key", { A: '@@aws-documented-id@@', AWS_SECRET_ACCESS_KEY: '@@aws-documented-secret@@' }],
    ['a git hash under a telling name', { AWS_SECRET_REV: '@@git-sha@@', AWS_SECRET_ACCESS_KEY: '@@git-sha@@' }],
    ['the storage emulator', { KEY: '@@azurite-connection@@' }],
    ['the Cosmos DB emulator', { KEY: 'AccountEndpoint=https://localhost:8081/;AccountKey=@@cosmos-emulator-key@@' }],
    ['the Service Bus emulator', { KEY: '@@azure-messaging-emulator@@' }],
    ['federation', { KEY: '@@gcp-external-account@@' }],
    ['MinIO by its own name', { AWS_ACCESS_KEY_ID: 'minio', AWS_SECRET_ACCESS_KEY: 'minio123-minio123' }],
    ['a repeated character', { AWS_ACCESS_KEY_ID: `AKIA${'A'.repeat(16)}`, AWS_SECRET_ACCESS_KEY: 'x'.repeat(40) }],
    ['a place of a secret', { AWS_SECRET_ARN: '@@aws-secret-key@@' }],
    ['a random value of no cloud', { SESSION_KEY: '@@aws-secret-key@@', SCALE: '@@scaleway-secret@@' }],
    [
      'a password by reference',
      { OS_PASSWORD: 'vault:secret/data/openstack#password', OS_PASSWORD_FILE: '/etc/openstack/password' },
    ],
    ['a word that ends like a name', { VIDEOS_PASSWORD: 'p7!kQ z93 Lw; r' }],
    ['a YC run without Yandex', { KEY: '@@yandex-secret@@' }],
    [
      'a kubeconfig with a token file',
      { KUBE: '{"clusters":[],"users":[{"user":{"tokenFile":"/var/run/secrets/tokens/shop"}}]}' },
    ],
    [
      'a kubeconfig to fill in',
      { A: kubeconfig('paste-the-bearer-token-of-the-account-here'), B: kubeconfig('__TOKEN_OF_CLUSTER_1__') },
    ],
    ['a kubeconfig with a path', { KUBE: kubeconfig('/var/run/secrets/tokens/cluster-1/token') }],
    ['a kubeconfig with a place in a store', { KUBE: kubeconfig('projects/1234567/secrets/cluster-1') }],
    ['clusters and users of something else', { X: 'clusters: [a]\nusers:\n  token: @@bearer-token@@\n' }],
    [
      'a user of a context',
      { X: 'users: []\ncontexts: [{user: a, cluster: b}]\nclusters: []\ntoken: @@bearer-token@@' },
    ],
    ['a vendor token, unless asked for', { KEY: '@@github-token@@' }],
    ['a certificate', { CA: '-----BEGIN CERTIFICATE-----\n@@base64:aws-session-token@@' }],
    ['a template', { KEY: `AccountKey=${'A'.repeat(86)}==`, TOKEN: `dop_v1_${'0'.repeat(64)}` }],
    ['a made-up pattern', { AWS_SECRET_ACCESS_KEY: 'Abcdefg1'.repeat(5) }],
    ['a form to fill in', { AZURE_CLIENT_SECRET: ['abc8Q', 'put-your-secret-of-34-letters-here'].join('~') }],
    ['a checksum', { SUM: '@@git-sha@@@@git-sha@@' }],
  ])('%s', (_, env) => {
    expect(findings(withEnv(env))).toEqual([]);
  });
});

test('vendor tokens count where the rule asks for them', () => {
  const object = withEnv({ KEY: '@@github-token@@' });
  expect(detectorsIn(findings(object, { params: { vendor: true } }))).toEqual(['github-token']);
  expect(detectorsIn(findings(object, { params: { detectors: ['github-token'] } }))).toEqual(['github-token']);
});

test('only the detectors of the rule are asked', () => {
  const object = withEnv({ A: '@@azure-client-secret@@', B: '@@gcp-api-key@@' });
  expect(detectorsIn(findings(object, { params: { detectors: ['gcp-api-key'] } }))).toEqual(['gcp-api-key']);
});

function kubeconfig(token: string): string {
  return `clusters:\n- name: shop\nusers:\n- name: ci\n  user:\n    client-certificate: ci.crt\n    token: ${token}\n`;
}
