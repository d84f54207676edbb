import { type DestinationStream, type Logger, pino } from 'pino';

/** Of our own pod, in every line: what a log must say to be joined with traces and metrics. */
export interface PodIdentity {
  readonly pod: string | undefined;
  readonly node: string | undefined;
  readonly namespace: string | undefined;
  readonly zone: string | undefined;
}

export interface OpenLog {
  readonly log: Logger;
  /** Writes what is still held back; call it before the end. */
  readonly flush: () => void;
}

/** Milliseconds for which lines are held back: a write each would cost more than the judging. */
const batchTime = 20;
/** Bytes that wait for a reader who has stopped reading; beyond it lines are lost, since a log must not stop a cluster. */
const heldBytes = 64 * 1024 * 1024;

/**
 * One JSON object a line, `time` in milliseconds since 1970.
 * @param to file descriptor or path
 */
export function openLog(to: number | string, identity: PodIdentity): OpenLog {
  const file = pino.destination({ dest: to, sync: false, maxLength: heldBytes });
  const batches = inBatches(file);
  const flush = (): void => {
    batches.flush();
    file.flushSync();
  };
  process.once('exit', flush);
  return { log: pino({ base: identity, formatters: { level: (level) => ({ level }) } }, batches), flush };
}

function inBatches(destination: DestinationStream): DestinationStream & { flush(): void } {
  let lines: string[] = [];
  const flush = (): void => {
    const batch = lines.join('');
    lines = [];
    if (batch !== '') destination.write(batch);
  };
  return {
    flush,
    write(line) {
      if (lines.push(line) === 1) setTimeout(flush, batchTime);
    },
  };
}
