import { authorityLifetime, backdating } from './lifetime.ts';
import { type CertificateAndKey, signCertificate } from './sign-certificate.ts';

/** Makes a certificate authority of our own, good for signing serving certificates and nothing else. */
export function issueAuthority(now: number): Promise<CertificateAndKey> {
  return signCertificate({
    commonName: 'daytwo authority',
    notBefore: now - backdating,
    notAfter: now + authorityLifetime,
    extensions: [
      { name: 'basicConstraints', critical: true, cA: true, pathLenConstraint: 0 },
      { name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
    ],
  });
}
