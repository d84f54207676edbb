interface Failure {
  readonly message: string;
  readonly times: number;
  readonly next: number;
}

/** Milliseconds until something that failed for the first time is tried again. */
const first = 5_000;

/** What fails is tried again ever more rarely, and is news only where it fails in another way than before. Times are of any one clock. */
export class Retries {
  readonly #failures = new Map<string, Failure>();
  readonly #longest: number;

  /** @param longest milliseconds between two attempts at most */
  constructor(longest: number) {
    this.#longest = longest;
  }

  /** When it may be tried again, if that is later than now. */
  waits(key: string, now: number): number | undefined {
    const next = this.#failures.get(key)?.next;
    return next !== undefined && next > now ? next : undefined;
  }

  failed(key: string, error: unknown, now: number): { readonly next: number; readonly isNews: boolean } {
    this.#forget(now);
    const before = this.#failures.get(key);
    const times = (before?.times ?? 0) + 1;
    const message = String(error);
    const next = now + Math.min(first * 2 ** (times - 1), this.#longest);
    this.#failures.set(key, { message, times, next });
    return { next, isNews: message !== before?.message };
  }

  succeeded(key: string): void {
    this.#failures.delete(key);
  }

  /** What nobody tries any more: its workload is gone, or its namespace. */
  #forget(now: number): void {
    for (const [key, { next }] of this.#failures) if (next + 2 * this.#longest < now) this.#failures.delete(key);
  }
}
