import { at, list, own, text } from '../../kubernetes/fields.ts';
import type { IdentityCloud } from '../../kubernetes/cloud-identity.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import type { PodContainer, PodTemplate } from '../../kubernetes/pod-template.ts';
import { rememberLast } from '../../kubernetes/remember-last.ts';
import { namesForeignObjectStore } from './credentials/object-store.ts';
import { environmentUnit } from './credentials/workload-units.ts';

/** A variable by which a container gets a static cloud credential out of a Secret. */
export interface CredentialReference {
  readonly one: PodContainer;
  readonly variable: string;
  readonly secret: string;
  /** JSON Pointer to the variable. */
  readonly pointer: string;
  /**
   * Undefined for clouds without an identity that pods can have, for names that the tables do not know, and for AWS's names
   * where they open an object store of someone else.
   */
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
        cloud: cloudOf(variable, one),
        readBySdk: variable !== notOfSdk,
        certain: file === undefined || keyFile.test(file) || certificateFile.test(file),
      };
    }
  }
}

function cloudOf(variable: string, one: PodContainer): IdentityCloud | undefined {
  const cloud = clouds.get(variable);
  return cloud === 'aws' && namesForeignObjectStore(environmentUnit(one)) ? undefined : cloud;
}

/** The Secret whose volume holds the file; undefined for a ConfigMap, where federation is configured. */
function secretBehind(file: string, one: PodContainer, template: PodTemplate): string | undefined {
  const mount = mountAbove(file, mountsOf(one));
  if (mount === undefined) return undefined;
  const volume = volumesOf(template).get(at(mount, 'name'));
  return (
    text(at(volume, 'secret', 'secretName')) ??
    secretProjected(list(at(volume, 'projected', 'sources')), pathWithin(mount, file))
  );
}

/** By their paths: an object may hold ten thousand of them, and as many variables. */
const mountsOf = rememberLast(
  ({ container }: PodContainer): ReadonlyMap<string, unknown> =>
    new Map(list(container.volumeMounts).map((mount) => [mountPathOf(mount), mount])),
);

const volumesOf = rememberLast(
  ({ spec }: PodTemplate): ReadonlyMap<unknown, unknown> =>
    new Map(list(spec['volumes']).map((volume) => [at(volume, 'name'), volume])),
);

/** The deepest one that holds the file. */
function mountAbove(file: string, mounts: ReadonlyMap<string, unknown>): unknown {
  if (file.length > longestPath) return undefined;
  for (let end = file.length; end > 0; end = file.lastIndexOf('/', end - 1)) {
    const mount = mounts.get(file.slice(0, end));
    if (mount !== undefined) return mount;
  }
  return undefined;
}

/** PATH_MAX of Linux. */
const longestPath = 4096;

function mountPathOf(mount: unknown): string {
  return (text(at(mount, 'mountPath')) ?? '').replace(/(?<!\/)\/+$/, '');
}

/** Where in the mounted volume the file stands. */
function pathWithin(mount: unknown, file: string): string {
  const below = file.slice(mountPathOf(mount).length + 1);
  const subPath = text(at(mount, 'subPath'));
  return subPath === undefined ? below : below === '' ? subPath : `${subPath}/${below}`;
}

/** The Secret among the sources that puts the file there; undefined where another source may as well. */
function secretProjected(sources: readonly unknown[], path: string): string | undefined {
  const [source, ...others] = sources.filter(
    (each) => puts(at(each, 'secret'), path) || puts(at(each, 'configMap'), path),
  );
  return others.length === 0 ? text(at(source, 'secret', 'name')) : undefined;
}

/** Without items each key is a file. */
function puts(source: unknown, path: string): boolean {
  if (source === undefined) return false;
  const items = list(at(source, 'items'));
  return items.length === 0 ? !path.includes('/') : items.some((item) => at(item, 'path') === path);
}
