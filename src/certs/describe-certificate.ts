import { X509Certificate } from 'node:crypto';

/** What may be shown of a certificate. */
export interface CertificateDescription {
  readonly subject: string;
  readonly issuer: string;
  /** DNS names and IP addresses. */
  readonly names: readonly string[];
  readonly serialNumber: string;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** @throws where the text is no PEM certificate */
export function describeCertificate(pem: string): CertificateDescription {
  const certificate = new X509Certificate(pem);
  return {
    subject: certificate.subject,
    issuer: certificate.issuer,
    names: (certificate.subjectAltName ?? '').split(', ').filter(Boolean).map(withoutType),
    serialNumber: certificate.serialNumber,
    notBefore: certificate.validFromDate.getTime(),
    notAfter: certificate.validToDate.getTime(),
  };
}

/** `DNS:localhost`, `IP Address:127.0.0.1` */
function withoutType(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
