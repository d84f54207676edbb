import { at, fields, text } from '../kubernetes/fields.ts';

/** The API server answered, and the answer is no. */
export class ApiError extends Error {
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
