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
  /** What is served already. */
  readonly current: ServedCertificates;
  /** Takes certificates that differ from those served: trust first (caBundle), then serve. When it fails it is called again. */
  readonly onChange: (certificates: ServedCertificates) => void | Promise<void>;
  readonly onFault: (error: unknown) => void;
}

/** Often enough that a replica follows another's renewal long before the old certificate ends. */
const interval = 10 * 60_000;

/** Looks at the certificates every ten minutes until the signal aborts; a failure is reported and tried again. */
export async function rotateCertificates(options: RotatorOptions): Promise<void> {
  const { store, names, clock, signal } = options;
  let served = options.current;
  while (!signal.aborted) {
    await clock.wait(interval, signal);
    if (signal.aborted) return;
    try {
      const found = await ensureCertificates(store, names, clock.now());
      if (found.certificate === served.certificate && found.caBundle === served.caBundle) continue;
      await options.onChange(found);
      served = found;
    } catch (error) {
      options.onFault(error);
    }
  }
}
