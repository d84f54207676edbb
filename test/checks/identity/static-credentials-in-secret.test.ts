import { describe, expect, test } from 'vitest';
import { staticCredentialsInSecret as check } from '../../../src/checks/identity/static-credentials-in-secret.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { ObjectIndex } from '../../../src/kubernetes/object-index.ts';
import { expandCredentials } from '../../fixtures/credentials.ts';
import { detectorsIn, findings, secret } from './credential-subjects.ts';

const pair = { id: '@@aws-access-key-id@@', secret: '@@aws-secret-key@@' };
const ceilings = (object: KubernetesObject, more: object = {}) =>
  findings(object, { check, ...more }).map(({ identity, atMost }) => [identity, atMost]);

describe('a hand-made Secret', () => {
  test.each<[string, Record<string, string>]>([
    ['aws-pair', pair],
    ['aws-pair', { credentials: '@@aws-profile@@' }],
    ['aws-pair', { credentials: '@@gzip:aws-profile@@' }],
    ['aws-pair', { credentials: '@@base64:aws-profile@@' }],
    ['aws-secret-key', { AWS_SECRET_ACCESS_KEY: pair.secret, AWS_ENDPOINT_URL: 'https://s3.eu-west-1.amazonaws.com' }],
    ['object-store-key', { AWS_SECRET_ACCESS_KEY: pair.secret, AWS_ENDPOINT_URL: 'http://minio:9000' }],
    ['object-store-key', { AWS_SECRET_ACCESS_KEY: pair.secret, AWS_ACCESS_KEY_ID: 'minio-user' }],
    ['gcp-sa-key', { 'key.json': '@@gcp-sa-key@@' }],
    ['azure-client-secret', { clientSecret: '@@azure-client-secret@@' }],
    ['hetzner', { HCLOUD_TOKEN: '@@hetzner-token@@' }],
    ['oci', { OCI_CLI_KEY_CONTENT: '@@pem-private-key@@' }],
    ['openstack', { OS_PASSWORD: 'p7!kQ z93 Lw; r' }],
  ])('with %s: %o', (detector, data) => {
    expect(detectorsIn(findings(secret(data), { check }))).toEqual([detector]);
  });

  test('is found in stringData, by the same identity', () => {
    const written = secret({}, { stringData: { key: expandCredentials('@@azure-client-secret@@') } });
    const stored = secret({ key: '@@azure-client-secret@@' });
    expect(findings(written, { check }).map(({ path }) => path)).toEqual(['/stringData/key']);
    expect(ceilings(written)).toEqual(ceilings(stored));
  });

  test.each<[string, Record<string, string>]>([
    ['a private key', { 'tls.key': '@@pem-private-key@@' }],
    ['a kubeconfig', { kubeconfig: 'clusters: []\nusers:\n- user:\n    token: @@bearer-token@@\n' }],
    ['federation', { 'config.json': '@@gcp-external-account@@' }],
    ['a password', { password: 'p7!kQz93Lw;r', AWS_SECRET_ACCESS_KEY: '' }],
    ['a random token', { token: '@@aws-secret-key@@' }],
  ])('with %s is what Secrets are for', (_, data) => {
    expect(findings(secret(data), { check })).toEqual([]);
  });
});

describe('by type', () => {
  const dockerconfigjson = '{"auths":{"gcr.io":{"username":"_json_key","password":@@gcp-sa-key@@}}}';

  test('the key that a built-in type is for is left to others, what stands beside it is not', () => {
    const type = 'kubernetes.io/dockerconfigjson';
    expect(findings(secret({ '.dockerconfigjson': dockerconfigjson }, { type }), { check })).toEqual([]);
    expect(ceilings(secret({ '.dockerconfigjson': dockerconfigjson, ...pair }, { type }))).toEqual([
      ['data/secret/aws-pair', undefined],
    ]);
  });

  test.each(['istio.io/key-and-cert', 'rke.cattle.io/machine-plan'])('%s is exempt for a controller', (type) => {
    const user = 'system:serviceaccount:istio-system:istiod';
    expect(findings(secret(pair, { type }), { check, user })).toEqual([]);
    expect(findings(secret(pair, { type }), { check, user: 'jane' })).toHaveLength(1);
  });

  test('exempt types are the choice of the rule', () => {
    const object = secret(pair, { type: 'example.com/vault-copy' });
    expect(findings(object, { check, user: undefined, params: { exemptTypes: ['example.com/*-copy'] } })).toEqual([]);
    expect(
      findings(object, { check, user: undefined, params: { exemptTypes: ['example.com/*-copies'] } }),
    ).toHaveLength(1);
  });
});

describe('a Secret that a store delivers is only recorded', () => {
  const metadata = { name: 'shop', namespace: 'shop' };
  const owner = (kind: string) => ({ ownerReferences: [{ apiVersion: 'x/v1', kind, name: 'shop', uid: '1' }] });

  test.each<[string, object]>([
    ['External Secrets', { labels: { 'reconcile.external-secrets.io/managed': 'true' } }],
    ['the Secrets Store CSI driver', { labels: { 'secrets-store.csi.k8s.io/managed': 'true' } }],
    ['Sealed Secrets', { annotations: { 'sealedsecrets.bitnami.com/managed': 'true' } }],
    ['Vault', owner('VaultDynamicSecret')],
    ['a SecretProviderClass', owner('SecretProviderClassPodStatus')],
  ])('%s', (_, more) => {
    const object = secret(pair, { metadata: { ...metadata, ...more } });
    const byController = { user: 'system:serviceaccount:external-secrets:external-secrets' };
    expect(ceilings(object, byController)).toEqual([['data/secret/aws-pair', 'Audit']]);
    expect(ceilings(object, { user: undefined, source: 'files' })).toEqual([['data/secret/aws-pair', 'Audit']]);
  });

  test('a person who writes the same label is not believed', () => {
    const labels = { 'reconcile.external-secrets.io/managed': 'true' };
    expect(ceilings(secret(pair, { metadata: { ...metadata, labels } }), { user: 'jane' })).toEqual([
      ['data/secret/aws-pair', undefined],
    ]);
  });

  test('an owner that is no store changes nothing', () => {
    expect(ceilings(secret(pair, { metadata: { ...metadata, ...owner('Deployment') } }), { user: undefined })).toEqual([
      ['data/secret/aws-pair', undefined],
    ]);
  });
});

describe('records of other tools are only recorded', () => {
  const helm = { type: 'helm.sh/release.v1' };
  const tfstate = { metadata: { name: 'tfstate-default-shop', namespace: 'shop', labels: { tfstate: 'true' } } };

  test('a Helm release, decoded twice and inflated', () => {
    expect(ceilings(secret({ release: '@@base64:gzip:helm-release@@' }, helm))).toEqual([
      ['data/release/config/aws-pair', 'Audit'],
    ]);
  });

  test('a Terraform state', () => {
    expect(ceilings(secret({ tfstate: '@@gzip:terraform-state@@' }, tfstate))).toEqual([
      ['data/tfstate/aws-pair', 'Audit'],
    ]);
  });

  test('but not what someone else put beside them, or what only bears the type', () => {
    expect(ceilings(secret({ release: '@@base64:gzip:helm-release@@', ...pair }, helm))).toEqual([
      ['data/secret/aws-pair', undefined],
      ['data/release/config/aws-pair', 'Audit'],
    ]);
    expect(ceilings(secret({ release: '@@aws-profile@@' }, helm))).toEqual([['data/release/aws-pair', undefined]]);
  });

  test('nor at all, where the rule says so', () => {
    const off = { params: { scanHelm: false } };
    expect(ceilings(secret({ release: '@@base64:gzip:helm-release@@' }, helm), off)).toEqual([]);
  });
});

describe('tools that work on another cloud', () => {
  const nodes = (providerID?: string) => {
    const view = new ObjectIndex('all');
    view.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' }, spec: { providerID } });
    return view;
  };
  const velero = secret({ cloud: '@@aws-profile@@' }, { metadata: { name: 'cloud-credentials', namespace: 'velero' } });
  const severities = (object: KubernetesObject, view: ObjectIndex) =>
    findings(object, { check }, view).map(({ severity }) => severity);

  test.each([
    ['hcloud://123', 'low'],
    ['gce://project/zone/node', 'low'],
    ['aws:///eu-west-1a/i-0abc', undefined],
    [undefined, 'low'],
  ])('Velero with an AWS key on %s', (providerID, severity) => {
    expect(severities(velero, nodes(providerID))).toEqual([severity]);
  });

  test.each<[string, KubernetesObject['metadata'], Record<string, string>]>([
    ['Velero in another namespace', { name: 'cloud-credentials', namespace: 'backup' }, { cloud: '@@aws-profile@@' }],
    ['OADP', { name: 'cloud-credentials', namespace: 'openshift-adp' }, { cloud: '@@aws-profile@@' }],
    ['a ClusterIssuer', { name: 'dns', namespace: 'cert-manager' }, pair],
    ['an Issuer for Route 53', { name: 'prod-route53-credentials-secret', namespace: 'shop' }, pair],
    [
      'an Issuer for Cloud DNS',
      { name: 'clouddns-dns01-solver-svc-acct', namespace: 'shop' },
      { 'key.json': '@@gcp-sa-key@@' },
    ],
    [
      'an Issuer for Azure DNS',
      { name: 'azuredns-config', namespace: 'shop' },
      { 'client-secret': '@@azure-client-secret@@' },
    ],
    ['ExternalDNS beside others', { name: 'external-dns', namespace: 'kube-system' }, pair],
    ['a chart', { name: 'a', namespace: 'dns', labels: { 'app.kubernetes.io/name': 'external-dns' } }, pair],
    ['Cluster API', { name: 'credentials', namespace: 'capa-system' }, pair],
    [
      'an identity of Cluster API',
      { name: 'a', namespace: 'fleet', labels: { 'clusterctl.cluster.x-k8s.io/move-hierarchy': 'true' } },
      pair,
    ],
    ['Crossplane', { name: 'aws-secret', namespace: 'crossplane-system' }, { creds: '@@aws-profile@@' }],
  ])('%s', (_, metadata, data) => {
    expect(severities(secret(data, { metadata }), nodes('hcloud://123'))).toEqual(['low']);
  });

  test.each<[string, KubernetesObject['metadata'], Record<string, string>]>([
    ['another Secret of that name', { name: 'cloud-credentials', namespace: 'shop' }, pair],
    ['Rancher', { name: 'a', namespace: 'cattle-system' }, pair],
    ['a cluster of another tool', { name: 'a', namespace: 'shop', labels: { 'x-k8s.io/cluster': 'a' } }, pair],
  ])('%s is none of them', (_, metadata, data) => {
    expect(severities(secret(data, { metadata }), nodes('hcloud://123'))).toEqual([undefined]);
  });

  test('count fully while the cloud is not known, and elsewhere', () => {
    expect(severities(velero, new ObjectIndex('none'))).toEqual([undefined]);
    expect(severities(secret(pair), nodes('hcloud://123'))).toEqual([undefined]);
  });
});
