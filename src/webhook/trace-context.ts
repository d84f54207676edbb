/** The fields that join a log line to a trace. */
export interface TraceContext {
  readonly trace_id?: string;
  readonly span_id?: string;
}

const traceparent = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}/;
const none: TraceContext = Object.freeze({});

/** Reads a `traceparent` header, which the API server sends when its tracing is on. Source: W3C Trace Context, 3.2. */
export function readTraceContext(header: string | undefined): TraceContext {
  const match = header === undefined ? null : traceparent.exec(header);
  return match?.[1] === undefined || match[2] === undefined ? none : { trace_id: match[1], span_id: match[2] };
}
