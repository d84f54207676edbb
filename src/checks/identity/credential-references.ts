import { at, fields, list, own, text } from '../../kubernetes/fields.ts';
import type { IdentityCloud } from '../../kubernetes/cloud-identity.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import type { PodContainer, PodTemplate } from '../../kubernetes/pod-template.ts';

/** A variable by which a container gets a static cloud credential out of a Secret. */
export interface CredentialReference {
  readonly one: PodContainer;
  readonly variable: string;
  readonly secret: string;
  /** JSON Pointer to the variable. */
  readonly pointer: string;
  /** Undefined for clouds without an identity that pods can have, and for names that the tables do not know. */
  readonly cloud: IdentityCloud | undefined;
  /** Whether the SDK of that cloud reads the variable itself, and so before any identity of the pod. */
  readonly readBySdk: boolean;
  /** Whether the Secret surely holds a key: a file of another name may as well configure a federation. */
  readonly certain: boolean;
}

/** Sources: credential chains of the AWS, Azure, Google and Alibaba Cloud SDKs. */
const clouds: ReadonlyMap<string, IdentityCloud> = new Map([
  ['AWS_SECRET_ACCESS_KEY', 'aws'],
  ['AWS_ACCESS_KEY_SECRET', 'aws'],
  ['AZURE_CLIENT_SECRET', 'azure'],
  ['AZURE_CLIENT_CERTIFICATE_PATH', 'azure'],
  ['GOOGLE_APPLICATION_CREDENTIALS', 'gcp'],
  ['ALIBABA_CLOUD_ACCESS_KEY_SECRET', 'alibaba'],
]);

/** A common name for the AWS key, but none that the SDK looks for. */
const notOfSdk = 'AWS_ACCESS_KEY_SECRET';

export const referenceNames: readonly string[] = [...clouds.keys(), 'DIGITALOCEAN_ACCESS_TOKEN'];

const keyFile = /(?:^|\/)(?:credentials|key|service-account)\.json$/;
const certificateFile = /\.(?:pem|pfx|p12|key|crt)$/;

export function* credentialReferences(
  template: PodTemplate,
  names: readonly string[] = referenceNames,
): Iterable<CredentialReference> {
  for (const one of template.containers) {
    let index = -1;
    for (const entry of list(one.container.env)) {
      index += 1;
      const variable = own(entry, 'name');
      // Nearly every variable of nearly every container ends here.
      if (typeof variable !== 'string' || !names.includes(variable)) continue;
      const secret = text(at(entry, 'valueFrom', 'secretKeyRef', 'name'));
      const file = secret === undefined ? text(at(entry, 'value')) : undefined;
      const source = secret ?? (file === undefined ? undefined : secretBehind(file, one, template));
      if (source === undefined) continue;
      yield {
        one,
        variable,
        secret: source,
        pointer: pointerTo(one.pointer, 'env', String(index)),
        cloud: clouds.get(variable),
        readBySdk: variable !== notOfSdk,
        certain: file === undefined || keyFile.test(file) || certificateFile.test(file),
      };
    }
  }
}

/** The Secret whose volume holds the file; undefined for a projected volume or a ConfigMap, where federation is configured. */
function secretBehind(file: string, { container }: PodContainer, { spec }: PodTemplate): string | undefined {
  let deepest = '';
  let volumeName: string | undefined;
  for (const mount of list(container.volumeMounts)) {
    const path = (text(at(mount, 'mountPath')) ?? '').replace(/(?<!\/)\/+$/, '');
    if (path.length <= deepest.length || (file !== path && !file.startsWith(`${path}/`))) continue;
    deepest = path;
    volumeName = text(at(mount, 'name'));
  }
  if (volumeName === undefined) return undefined;
  const volume = list(spec['volumes']).find((each) => at(each, 'name') === volumeName);
  return text(fields(at(volume, 'secret'))['secretName']);
}
