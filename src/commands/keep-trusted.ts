import type { Clock } from '../certs/rotator.ts';
import type { Log } from '../cluster/log.ts';

export interface KeepTrustedOptions {
  /** Puts our CA where it is missing; false while a webhook configuration does not exist. */
  readonly trust: () => Promise<boolean>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly log: Log;
}

type TrustState = 'unknown' | 'trusted' | 'missing' | 'failing';

const interval = 10_000;
/** They are applied last, and until they trust us nobody is guarded. */
const missingInterval = 2_000;

/**
 * Keeps our CA in the webhook configurations until the signal aborts: they are often applied after us, and whoever applies
 * them again takes the caBundle away. Under failurePolicy Ignore the loss would show nowhere else.
 */
export async function keepTrusted({ trust, clock, signal, log }: KeepTrustedOptions): Promise<void> {
  let state: TrustState = 'unknown';
  while (!signal.aborted) {
    const before: TrustState = state;
    try {
      state = (await trust()) ? 'trusted' : 'missing';
      if (state !== before && state === 'missing')
        log.warn({}, 'a webhook configuration does not exist: the API server does not send everything here');
      if (state !== before && state === 'trusted') log.info({}, 'both webhook configurations trust our certificates');
    } catch (error) {
      if (signal.aborted) return;
      state = 'failing';
      if (state !== before)
        log.warn({ err: error }, 'our CA cannot be put into the webhook configurations, trying again');
    }
    await clock.wait(state === 'trusted' ? interval : missingInterval, signal);
  }
}
