import { OperatorError } from '../errors.ts';
import { at, fields, text } from '../kubernetes/fields.ts';

/** The API server answered, and the answer is no. It says why better than a stack of ours would. */
export class ApiError extends OperatorError {
  override readonly name = 'ApiError';
  /** Of HTTP, or the `code` of a Status that came within a watch. */
  readonly status: number;
  /** The Status' own word, such as `AlreadyExists` or `Expired`; empty where the answer was no Status. */
  readonly reason: string;
  /** Seconds after which the server, being overloaded, wants to be asked again; absent as a rule. */
  readonly retryAfter: number | undefined;

  /** @param body a meta/v1 Status, or whatever came in its place: a proxy may answer in HTML */
  constructor(request: string, status: number, body: unknown) {
    const answer = fields(body);
    super(`${request}: ${text(answer['message']) ?? `HTTP status ${status}`}`);
    this.status = status;
    this.reason = text(answer['reason']) ?? '';
    const seconds = at(answer, 'details', 'retryAfterSeconds');
    this.retryAfter = typeof seconds === 'number' ? seconds : undefined;
  }
}

export function hasStatus(error: unknown, ...statuses: readonly number[]): boolean {
  return error instanceof ApiError && statuses.includes(error.status);
}

/** No good answer came: nobody listens there, its certificate is not trusted, the time is over. */
export class UnreachableError extends OperatorError {
  override readonly name = 'UnreachableError';

  constructor(request: string, server: string, cause: unknown) {
    super(`${request}: no answer from ${server}: ${messageOf(cause)}`, { cause });
  }
}

/** The API server is away, or so overloaded or broken that it may answer another time. */
export function isPassing(error: unknown): boolean {
  return (
    error instanceof UnreachableError || (error instanceof ApiError && (error.status === 429 || error.status >= 500))
  );
}

/** Of a name with several addresses, such as `localhost`, node tells only in the parts what went wrong. */
function messageOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first.message : String(first);
}
