/** What every replica shares, all PEM. */
export interface StoredCertificates {
  /** The authority that signs first, then former ones that are still trusted. */
  readonly caBundle: string;
  /** The key of the first certificate in the bundle. */
  readonly caKey: string;
  readonly certificate: string;
  readonly key: string;
}

/** Where the certificates are kept: a Secret in a cluster, files elsewhere. */
export interface CertificateStore {
  /** @returns undefined where nothing is stored yet */
  read(): Promise<StoredCertificates | undefined>;
  /**
   * Replaces what `read` gave.
   * @param previous the very value that `read` returned, or undefined to create
   * @returns false where someone else has written since: read again
   */
  write(next: StoredCertificates, previous: StoredCertificates | undefined): Promise<boolean>;
}
