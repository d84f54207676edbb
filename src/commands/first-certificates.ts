import { once } from 'node:events';
import type { CertificateStore } from '../certs/certificate-store.ts';
import { ensureCertificates, type ServedCertificates } from '../certs/ensure-certificates.ts';
import type { Clock } from '../certs/rotator.ts';
import type { ServingNames } from '../certs/serving-certificate.ts';
import { isPassing } from '../cluster/api-error.ts';
import type { Log } from '../cluster/log.ts';

export interface FirstCertificatesOptions {
  readonly store: CertificateStore;
  readonly names: ServingNames;
  readonly clock: Clock;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  readonly log: Log;
}

const retryInterval = 2_000;

/**
 * The certificates to begin with. While the API server that keeps them is away they are waited for: a process that ended would be
 * started again later and later.
 * @returns undefined where the signal came first
 */
export async function firstCertificates(options: FirstCertificatesOptions): Promise<ServedCertificates | undefined> {
  const { store, names, clock, signal, log } = options;
  // A request may wait for long, a signal must not.
  const stopped = once(signal, 'abort').then(() => undefined);
  let said = false;
  while (!signal.aborted) {
    try {
      return await Promise.race([ensureCertificates(store, names, clock.now()), stopped]);
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (!said) log.warn({ err: error }, 'the certificates cannot be read, trying again');
      said = true;
    }
    await clock.wait(retryInterval, signal);
  }
  return undefined;
}
