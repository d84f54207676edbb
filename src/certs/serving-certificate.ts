import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { backdating, servingLifetime } from './lifetime.ts';
import { type CertificateAndKey, signCertificate } from './sign-certificate.ts';

/** The names that an API server may call the webhook by: DNS names and IP addresses. */
export type ServingNames = readonly string[];

/** Every name of a Service within its cluster, and this machine's own for local use. */
export function serviceNames(service: string, namespace: string, ...extra: readonly string[]): ServingNames {
  const names = ['', `.${namespace}`, `.${namespace}.svc`, `.${namespace}.svc.cluster.local`].map(
    (end) => service + end,
  );
  return [...new Set([...names, 'localhost', '127.0.0.1', ...extra])];
}

/** Issues a leaf for the names, signed by the authority; it never outlives its issuer. */
export function issueServingCertificate(
  authority: CertificateAndKey,
  names: ServingNames,
  now: number,
): Promise<CertificateAndKey> {
  const issuer = new X509Certificate(authority.certificate);
  return signCertificate(
    {
      // Clients look at the alternative names alone, and a common name is limited to 64 characters.
      commonName: 'daytwo webhook',
      notBefore: now - backdating,
      notAfter: Math.min(now + servingLifetime, issuer.validToDate.getTime()),
      extensions: [
        { name: 'basicConstraints', critical: true, cA: false },
        { name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: true },
        { name: 'extKeyUsage', serverAuth: true },
        { name: 'subjectAltName', altNames: names.map(alternativeName) },
      ],
    },
    authority,
  );
}

/** GeneralName tags 2 (dNSName) and 7 (iPAddress). Source: RFC 5280, 4.2.1.6. */
function alternativeName(name: string): object {
  return isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name };
}
