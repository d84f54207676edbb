import { at, type Fields, fields, text } from '../kubernetes/fields.ts';
import { hasStatus } from './api-error.ts';
import type { ApiClient } from './client.ts';
import { resourcePath } from './resource-path.ts';

/** All PEM; what each part is for is the business of whoever stores it. */
export interface SecretCertificates {
  readonly caBundle: string;
  readonly caKey: string;
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateSecret {
  /** @returns undefined where there is no Secret, or one without any of the keys, as an installation may prepare it */
  read(): Promise<SecretCertificates | undefined>;
  /**
   * @param previous the very value that `read` returned
   * @returns false where someone else has written or removed the Secret since
   */
  write(next: SecretCertificates, previous: SecretCertificates | undefined): Promise<boolean>;
}

/** Certificates shared by all replicas, in one Secret of type `kubernetes.io/tls` with the authority beside the leaf. */
export function certificateSecret(client: ApiClient, namespace: string, name: string): CertificateSecret {
  const secrets = resourcePath('v1', 'secrets', namespace);
  const secret = resourcePath('v1', 'secrets', namespace, name);
  /** By what was read; a Secret without certificates is found under its absence. */
  const versions = new WeakMap<SecretCertificates, string>();
  let emptyVersion: string | undefined;

  return {
    async read() {
      const found = await readIfThere(client, secret);
      const version = text(at(found, 'metadata', 'resourceVersion'));
      const certificates = decode(fields(at(found, 'data')));
      emptyVersion = certificates === undefined ? version : undefined;
      if (certificates !== undefined && version !== undefined) versions.set(certificates, version);
      return certificates;
    },
    async write(next, previous) {
      const resourceVersion = previous === undefined ? emptyVersion : versions.get(previous);
      const data = encode(next);
      return resourceVersion === undefined
        ? await unlessLost(client.request({ method: 'POST', path: secrets, body: newSecret(name, data) }))
        : // A patch leaves labels and annotations alone; the version in it makes the API server refuse a lost race.
          await unlessLost(
            client.request({
              method: 'PATCH',
              path: secret,
              contentType: 'application/merge-patch+json',
              body: { metadata: { resourceVersion }, data },
            }),
          );
    },
  };
}

const keys = { caBundle: 'ca.crt', caKey: 'ca.key', certificate: 'tls.crt', key: 'tls.key' } as const;

function newSecret(name: string, data: Fields): object {
  return { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata: { name }, data };
}

async function readIfThere(client: ApiClient, path: string): Promise<unknown> {
  try {
    return await client.request({ path });
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}

/** 409: created or changed by another since; 404: removed since. */
async function unlessLost(writing: Promise<unknown>): Promise<boolean> {
  try {
    await writing;
    return true;
  } catch (error) {
    if (hasStatus(error, 404, 409)) return false;
    throw error;
  }
}

function decode(data: Fields): SecretCertificates | undefined {
  const certificates = {
    caBundle: fromBase64(data[keys.caBundle]),
    caKey: fromBase64(data[keys.caKey]),
    certificate: fromBase64(data[keys.certificate]),
    key: fromBase64(data[keys.key]),
  };
  return Object.values(certificates).every((pem) => pem === '') ? undefined : certificates;
}

function fromBase64(value: unknown): string {
  return Buffer.from(text(value) ?? '', 'base64').toString();
}

function encode(certificates: SecretCertificates): Fields {
  return {
    [keys.caBundle]: toBase64(certificates.caBundle),
    [keys.caKey]: toBase64(certificates.caKey),
    [keys.certificate]: toBase64(certificates.certificate),
    [keys.key]: toBase64(certificates.key),
  };
}

function toBase64(pem: string): string {
  return Buffer.from(pem).toString('base64');
}
