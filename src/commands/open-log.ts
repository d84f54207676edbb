import { type DestinationStream, type Logger, pino } from 'pino';

/** Of our own pod, in every line: what a log must say to be joined with traces and metrics. */
export interface PodIdentity {
  readonly pod: string | undefined;
  readonly node: string | undefined;
  readonly namespace: string | undefined;
  readonly zone: string | undefined;
}

/**
 * One JSON object a line. Lines are written behind the requests' back, many at once under load; `flush` before exit.
 * @param to file descriptor or path
 */
export function openLog(
  to: number | string,
  identity: PodIdentity,
): { readonly log: Logger; readonly flush: () => void } {
  const destination = pino.destination({ dest: to, sync: false });
  return { log: createLog(destination, identity), flush: () => destination.flushSync() };
}

function createLog(destination: DestinationStream, identity: PodIdentity): Logger {
  return pino(
    {
      base: identity,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    destination,
  );
}
