import { X509Certificate } from 'node:crypto';

/** The certificates in a PEM bundle, in their order; what stands between them and what cannot be parsed is passed over. */
export function readBundle(bundle: string): readonly X509Certificate[] {
  const blocks = bundle.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  return blocks.map(parseCertificate).filter((certificate) => certificate !== undefined);
}

function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
