import type { CertificateStore, StoredCertificates } from '../../src/certs/certificate-store.ts';

/** A store like a Secret: whoever writes over something that he has not read loses. */
export function memoryStore(
  stored?: StoredCertificates,
): CertificateStore & { current: StoredCertificates | undefined } {
  return {
    current: stored,
    async read() {
      return this.current;
    },
    async write(next, previous) {
      if (this.current !== previous) return false;
      this.current = next;
      return true;
    },
  };
}
