import type { CertificateStore } from './certificate-store.ts';
import { ensureCertificates, type ServedCertificates } from './ensure-certificates.ts';
import type { ServingNames } from './serving-certificate.ts';

/** Time as an argument, so that a year can pass in a test. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after that many milliseconds, or as soon as the signal aborts. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export interface RotatorOptions {
  readonly store: CertificateStore;
  readonly names: ServingNames;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /**
   * Takes the certificates at the start and whenever they differ from the last ones: first let clients trust the
   * bundle, then serve the leaf. When it fails it is called again.
   */
  readonly onChange: (certificates: ServedCertificates) => void | Promise<void>;
  readonly onFault: (error: unknown) => void;
}

/** Often enough that a replica follows another's renewal long before the old certificate ends. */
const interval = 10 * 60_000;
const retryInterval = 30_000;

/** Looks at the certificates now and every ten minutes until the signal aborts; after a failure it tries again sooner. */
export async function rotateCertificates(options: RotatorOptions): Promise<void> {
  const { store, names, clock, signal } = options;
  let handedOver: ServedCertificates | undefined;
  while (!signal.aborted) {
    let pause = interval;
    try {
      const found = await ensureCertificates(store, names, clock.now());
      if (found.certificate !== handedOver?.certificate || found.caBundle !== handedOver.caBundle) {
        await options.onChange(found);
        handedOver = found;
      }
    } catch (error) {
      options.onFault(error);
      pause = retryInterval;
    }
    await clock.wait(pause, signal);
  }
}
