import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import forge from 'node-forge';

/** A certificate with the private key that belongs to it, both PEM. */
export interface CertificateAndKey {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateRequest {
  readonly commonName: string;
  /** X.509 extensions in node-forge's words; the two key identifiers are added here. */
  readonly extensions: readonly object[];
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Makes a new RSA key and signs a certificate for it; without an issuer the certificate signs itself. */
export async function signCertificate(
  request: CertificateRequest,
  issuer?: CertificateAndKey,
): Promise<CertificateAndKey> {
  const { publicKey, privateKey } = await newKeyPair();
  const issuerCertificate = issuer && forge.pki.certificateFromPem(issuer.certificate);

  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  certificate.serialNumber = randomSerial();
  certificate.validity.notBefore = new Date(request.notBefore);
  certificate.validity.notAfter = new Date(request.notAfter);
  const subject = [{ name: 'commonName', value: request.commonName }];
  certificate.setSubject(subject);
  certificate.setIssuer(issuerCertificate?.subject.attributes ?? subject);
  certificate.setExtensions([
    ...request.extensions,
    { name: 'subjectKeyIdentifier' },
    // `keyIdentifier: true` would write the certificate's own id, and no client would find the issuer.
    ...(issuerCertificate ? [{ name: 'authorityKeyIdentifier', keyIdentifier: keyIdOf(issuerCertificate) }] : []),
  ]);
  certificate.sign(forge.pki.privateKeyFromPem(issuer?.key ?? privateKey), forge.md.sha256.create());
  return { certificate: forge.pki.certificateToPem(certificate), key: privateKey };
}

/** Off the main thread: node-forge's own key generation would stop the server for seconds. */
function newKeyPair(): Promise<{ publicKey: string; privateKey: string }> {
  return promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

/**
 * 127 random bits. A counter would give two replicas the same serial number under one issuer. The top byte is 0x40–0x7f:
 * positive and without leading zeros, as DER wants it.
 */
function randomSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = 0x40 | (bytes.readUInt8(0) & 0x3f);
  return bytes.toString('hex');
}

function keyIdOf(certificate: forge.pki.Certificate): string {
  return certificate.generateSubjectKeyIdentifier().getBytes();
}
