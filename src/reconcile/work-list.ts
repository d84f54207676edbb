import type { GroupKind } from '../kubernetes/object.ts';
import { watchedKinds } from '../kubernetes/watched-kinds.ts';

export interface WorkListOptions {
  /** Milliseconds from a change until its namespace is judged: one apply changes many objects. */
  readonly settle: number;
  /** Milliseconds between two judgements of everything. */
  readonly sweepEvery: number;
  /** Milliseconds that a change outside of any namespace waits until everything is judged again. */
  readonly sweepSoon: number;
}

/**
 * Which namespaces are to be judged when. It holds at most a number for each namespace, however much happens. Times are of any one
 * clock in milliseconds.
 */
export class WorkList {
  readonly #due = new Map<string, number>();
  readonly #options: WorkListOptions;
  #sweepAt: number;

  constructor(options: WorkListOptions, now: number) {
    this.#options = options;
    this.#sweepAt = now;
  }

  /** Something about an object is new. */
  touch(kind: GroupKind, namespace: string | undefined, name: string, now: number): void {
    const { settle, sweepSoon } = this.#options;
    if (kind === 'core/Namespace') this.at(name, now + settle);
    else if (namespace !== undefined) this.at(namespace, now + settle);
    // A PriorityClass, a policy of the cluster; nodes change all the time and nothing is missing because of them.
    else if (watchedKinds.get(kind)?.namespaced === false && kind !== 'core/Node')
      this.#sweepAt = Math.min(this.#sweepAt, now + sweepSoon);
  }

  /** Judges a namespace at that time, or before it if that is planned already. */
  at(namespace: string, time: number): void {
    this.#due.set(namespace, Math.min(time, this.#due.get(namespace) ?? Number.POSITIVE_INFINITY));
  }

  /** Takes what is due off the list. @param everything the namespaces there are, asked for a sweep */
  take(now: number, everything: () => Iterable<string>): readonly string[] {
    if (this.#sweepAt <= now) {
      this.#sweepAt = now + this.#options.sweepEvery;
      const all = new Set([...everything(), ...this.#due.keys()]);
      this.#due.clear();
      return [...all];
    }
    const due = [...this.#due].filter(([, time]) => time <= now).map(([namespace]) => namespace);
    for (const namespace of due) this.#due.delete(namespace);
    return due;
  }

  /** Milliseconds until something is due. */
  next(now: number): number {
    let next = this.#sweepAt;
    for (const time of this.#due.values()) next = Math.min(next, time);
    return Math.max(0, next - now);
  }
}
