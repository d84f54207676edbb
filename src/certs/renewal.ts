import { createPrivateKey, type X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { backdating, trustBeforeUse } from './lifetime.ts';
import { readBundle } from './read-bundle.ts';
import type { ServingNames } from './serving-certificate.ts';
import type { CertificateAndKey } from './sign-certificate.ts';

/**
 * Why a certificate must be replaced, in words for the log; undefined while it is good. It is replaced after two thirds
 * of its life: the last third is the time in which somebody can notice that renewal fails.
 */
export function renewalReason({ certificate, key }: CertificateAndKey, now: number): string | undefined {
  const [parsed] = readBundle(certificate);
  return parsed === undefined ? 'it cannot be read' : (defect(parsed, key, now) ?? nearEnd(parsed, now));
}

/** Why a serving certificate must be replaced: its own state, the names that it lacks, or a new authority. */
export function servingRenewalReason(
  serving: CertificateAndKey,
  caBundle: string,
  names: ServingNames,
  now: number,
): string | undefined {
  const [leaf] = readBundle(serving.certificate);
  if (leaf === undefined) return 'it cannot be read';
  const broken = defect(leaf, serving.key, now) ?? missingNames(leaf, names);
  if (broken !== undefined) return broken;
  const [current, ...former] = readBundle(caBundle);
  if (current !== undefined && signed(current, leaf)) return nearEnd(leaf, now);
  if (current === undefined || !former.some((authority) => signed(authority, leaf))) {
    return 'its authority is not trusted any more';
  }
  const trustedSince = current.validFromDate.getTime() + backdating;
  return now >= trustedSince + trustBeforeUse ? 'a new authority has taken over' : undefined;
}

function defect(certificate: X509Certificate, key: string, now: number): string | undefined {
  if (!belongs(key, certificate)) return 'its key belongs to another certificate';
  const { validFromDate, validToDate } = certificate;
  if (now >= validToDate.getTime()) return `it expired at ${validToDate.toISOString()}`;
  if (now < validFromDate.getTime()) return `it is not valid before ${validFromDate.toISOString()}`;
  return undefined;
}

function belongs(key: string, certificate: X509Certificate): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

function nearEnd({ validFromDate, validToDate }: X509Certificate, now: number): string | undefined {
  const life = validToDate.getTime() - validFromDate.getTime();
  return now >= validFromDate.getTime() + (life * 2) / 3 ? `it expires at ${validToDate.toISOString()}` : undefined;
}

function missingNames(leaf: X509Certificate, names: ServingNames): string | undefined {
  const missing = names.filter((name) => (isIP(name) === 0 ? leaf.checkHost(name) : leaf.checkIP(name)) === undefined);
  return missing.length === 0 ? undefined : `it does not name ${missing.join(', ')}`;
}

function signed(authority: X509Certificate, leaf: X509Certificate): boolean {
  return leaf.verify(authority.publicKey);
}
