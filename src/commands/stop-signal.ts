/** Aborted by SIGTERM and SIGINT. To be asked for before anything else starts: a signal that comes early must not be lost. */
export function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort());
  return stopping.signal;
}
