import type { View } from './views.ts';

/** How sure a detector is: `high` may deny, `medium` warns, `low` is only recorded. */
export type Confidence = 'high' | 'medium' | 'low';

/** A secret that stands in a view. The secret itself ends here: a finding tells its place, detector and fingerprint. */
export interface Hit {
  readonly detector: DetectorId;
  readonly confidence: Confidence;
  readonly view: View;
  /** Where in the view's text. */
  readonly index: number;
  readonly secret: string;
  /** The public half of a key pair, whose last four characters may be told. */
  readonly keyId?: string;
}

export type Cloud = 'aws' | 'gcp' | 'azure' | 'digitalocean' | 'other' | 'none';

interface Detector {
  /** What it finds, as the object of "holds". */
  readonly what: string;
  /** Whose identity replaces it. */
  readonly cloud: Cloud;
  /** Chosen by people: even eight digits of its hash would confirm a guess. */
  readonly guessable?: true;
  /** Of a vendor's service, not of a cloud: off unless asked for. */
  readonly vendor?: true;
}

/** Everything that can be found; the ids stand in findings and params. */
export const detectors = {
  'aws-pair': { what: 'an AWS access key', cloud: 'aws' },
  'aws-secret-key': { what: 'an AWS secret access key', cloud: 'aws' },
  'aws-id-only': { what: 'an AWS access key id without its secret', cloud: 'aws' },
  'aws-bedrock-key': { what: 'an AWS Bedrock API key', cloud: 'aws' },
  'object-store-key': { what: 'a static object-store secret', cloud: 'other' },
  'gcp-sa-key': { what: 'a Google service account key', cloud: 'gcp' },
  'gcp-adc-user': { what: "a person's Google credentials", cloud: 'gcp' },
  'gcp-hmac': { what: 'a Google Cloud Storage HMAC key', cloud: 'gcp' },
  'gcp-api-key': { what: 'a Google API key', cloud: 'gcp' },
  'gcp-oauth-secret': { what: 'a Google OAuth client secret', cloud: 'gcp' },
  'azure-client-secret': { what: 'an Entra ID client secret', cloud: 'azure' },
  'azure-storage-key': { what: 'an Azure storage account key', cloud: 'azure' },
  'azure-messaging': { what: 'an Azure messaging access key', cloud: 'azure' },
  'azure-sas': { what: 'an Azure shared access signature', cloud: 'azure' },
  'azure-identifiable': { what: 'an Azure service key', cloud: 'azure' },
  'azure-appconfig': { what: 'an Azure App Configuration secret', cloud: 'azure' },
  digitalocean: { what: 'a DigitalOcean token', cloud: 'digitalocean' },
  'digitalocean-spaces': { what: 'a DigitalOcean Spaces key id', cloud: 'digitalocean' },
  alibaba: { what: 'an Alibaba Cloud access key', cloud: 'other' },
  tencent: { what: 'a Tencent Cloud access key', cloud: 'other' },
  yandex: { what: 'a Yandex Cloud key', cloud: 'other' },
  scaleway: { what: 'a Scaleway secret key', cloud: 'other' },
  ibm: { what: 'an IBM Cloud API key', cloud: 'other' },
  hetzner: { what: 'a Hetzner Cloud token', cloud: 'other' },
  linode: { what: 'a Linode token', cloud: 'other' },
  vultr: { what: 'a Vultr API key', cloud: 'other' },
  ovh: { what: 'an OVH secret', cloud: 'other' },
  oci: { what: 'an Oracle Cloud private key', cloud: 'other' },
  openstack: { what: 'an OpenStack password', cloud: 'other', guessable: true },
  huawei: { what: 'a Huawei Cloud secret key', cloud: 'other' },
  cloudflare: { what: 'a Cloudflare API token', cloud: 'other' },
  'pem-private-key': { what: 'a private key', cloud: 'none' },
  'kubeconfig-cred': { what: 'a kubeconfig with credentials', cloud: 'none' },
  'github-token': { what: 'a GitHub token', cloud: 'none', vendor: true },
  'gitlab-token': { what: 'a GitLab token', cloud: 'none', vendor: true },
  'vault-token': { what: 'a Vault token', cloud: 'none', vendor: true },
  'slack-token': { what: 'a Slack token', cloud: 'none', vendor: true },
  'stripe-key': { what: 'a Stripe live key', cloud: 'none', vendor: true },
} as const satisfies Record<string, Detector>;

export type DetectorId = keyof typeof detectors;

export const detectorIds = Object.keys(detectors) as readonly DetectorId[];

export function detectorOf(id: DetectorId): Detector {
  return detectors[id];
}
