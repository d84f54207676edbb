import { issueAuthority } from './authority.ts';
import type { CertificateStore, StoredCertificates } from './certificate-store.ts';
import { readBundle } from './read-bundle.ts';
import { renewalReason, servingRenewalReason } from './renewal.ts';
import { issueServingCertificate, type ServingNames } from './serving-certificate.ts';
import type { CertificateAndKey } from './sign-certificate.ts';

/** What a server needs, all PEM. */
export interface ServedCertificates {
  /** For the webhook configurations; holds the former authority too while the new one takes over. */
  readonly caBundle: string;
  readonly certificate: string;
  readonly key: string;
  /** What was issued in this call and why, for the log; empty where nothing was due. */
  readonly issued: readonly string[];
}

/** A lost race costs one more look; that many in a row mean a store that never accepts anything. */
const attempts = 5;

/**
 * The stored certificates, with whatever is missing or due issued and stored first. Replicas may call it at the same
 * moment: the one that loses the race uses what the winner wrote.
 */
export async function ensureCertificates(
  store: CertificateStore,
  names: ServingNames,
  now: number,
): Promise<ServedCertificates> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const stored = await store.read();
    const { next, issued } = await renewDue(stored, names, now);
    if (issued.length === 0 || (await store.write(next, stored))) {
      return { caBundle: next.caBundle, certificate: next.certificate, key: next.key, issued };
    }
  }
  throw new Error(`the certificate store reported another writer ${attempts} times in a row`);
}

async function renewDue(
  stored: StoredCertificates | undefined,
  names: ServingNames,
  now: number,
): Promise<{ readonly next: StoredCertificates; readonly issued: readonly string[] }> {
  const issued: string[] = [];
  let next = stored ?? { caBundle: '', caKey: '', certificate: '', key: '' };
  const whyAuthority = reason(stored, renewalReason(authorityOf(next), now));
  if (whyAuthority !== undefined) {
    issued.push(`authority: ${whyAuthority}`);
    next = await withNewAuthority(next, now);
  }
  const whyServing = reason(stored, servingRenewalReason(next, next.caBundle, names, now));
  if (whyServing !== undefined) {
    issued.push(`serving certificate: ${whyServing}`);
    next = { ...next, ...(await issueServingCertificate(authorityOf(next), names, now)) };
  }
  return { next, issued };
}

function reason(stored: StoredCertificates | undefined, found: string | undefined): string | undefined {
  return stored === undefined ? 'there was none' : found;
}

/** The first certificate of the bundle is the one that the key belongs to. */
function authorityOf({ caBundle, caKey }: StoredCertificates): CertificateAndKey {
  return { certificate: caBundle, key: caKey };
}

/** The former authority stays trusted until it expires: what is served now was signed by it. */
async function withNewAuthority(stored: StoredCertificates, now: number): Promise<StoredCertificates> {
  const authority = await issueAuthority(now);
  const former = readBundle(stored.caBundle).filter((certificate) => certificate.validToDate.getTime() > now);
  return { ...stored, caBundle: [authority.certificate, ...former].join(''), caKey: authority.key };
}
