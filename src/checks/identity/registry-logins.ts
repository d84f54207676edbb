import { at, fields, isFields, text } from '../../kubernetes/fields.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { parseJson } from '../../kubernetes/parse-json.ts';

/** For one registry of a pull secret. The password is never kept. */
export interface RegistryLogin {
  readonly host: string;
  readonly user: string;
}

export const pullSecretTypes: ReadonlyMap<string, string> = new Map([
  ['kubernetes.io/dockerconfigjson', '.dockerconfigjson'],
  ['kubernetes.io/dockercfg', '.dockercfg'],
]);

/** More than any real one, and little enough to read while an API server waits. */
const longest = 256 * 1024;

/** Of a Secret of either type for pulling images; none for any other, or for content that is not JSON. */
export function* registryLogins(secret: KubernetesObject): Iterable<RegistryLogin> {
  const key = pullSecretTypes.get(text(secret['type']) ?? '');
  if (key === undefined) return;
  const plain = text(at(secret, 'stringData', key)) ?? decode(text(at(secret, 'data', key)) ?? '');
  const content = plain.length > longest ? undefined : parseJson(plain);
  const hosts = key === '.dockercfg' ? content : at(content, 'auths');
  for (const [address, login] of Object.entries(fields(hosts))) {
    if (!isFields(login)) continue;
    const joined = decode(text(login['auth']) ?? '');
    const colon = joined.indexOf(':');
    const user = text(login['username']) || (colon === -1 ? '' : joined.slice(0, colon));
    yield { host: hostOf(address), user };
  }
}

/** `https://registry.example/v1/` is written as well as `registry.example`. */
function hostOf(address: string): string {
  return address.replace(/^https?:\/\//, '').split('/', 1)[0] as string;
}

function decode(base64: string): string {
  try {
    return atob(base64.replace(/\s/g, ''));
  } catch {
    return '';
  }
}
