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

/** They come, go and change with every node and every claim: nobody but those who wait for one shall be judged again for that. */
export const restlessKinds: ReadonlySet<GroupKind> = new Set([
  'core/Node',
  'core/PersistentVolume',
  'storage.k8s.io/CSINode',
  'apiregistration.k8s.io/APIService',
]);

/**
 * Which places are to be judged when: the namespaces, and undefined for what lies outside of all of them. It holds at most a number
 * for each place and kind, however much happens. Times are of any one clock in milliseconds.
 */
export class WorkList {
  readonly #due = new Map<string | undefined, number>();
  /** Kinds outside of namespaces of which something is new, and when those that wait for them are judged. */
  readonly #changed = new Map<GroupKind, number>();
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
    else if (watchedKinds.get(kind)?.namespaced === false) {
      if (!this.#changed.has(kind)) this.#changed.set(kind, now + settle);
      if (restlessKinds.has(kind)) return;
      this.at(undefined, now + settle);
      // Nobody can tell who will miss what is gone, or is held to another policy now.
      this.#sweepAt = Math.min(this.#sweepAt, now + sweepSoon);
    }
  }

  /** Judges a place at that time, or before it if that is planned already. */
  at(place: string | undefined, time: number): void {
    this.#due.set(place, Math.min(time, this.#due.get(place) ?? Number.POSITIVE_INFINITY));
  }

  /**
   * Takes what is due off the list.
   * @param everything the places there are, asked for a sweep
   * @param waiting the places in which something may be waiting for an object of a kind
   */
  take(
    now: number,
    everything: () => Iterable<string | undefined>,
    waiting: (kind: GroupKind) => Iterable<string | undefined>,
  ): readonly (string | undefined)[] {
    for (const [kind, time] of this.#changed) {
      if (time > now) continue;
      this.#changed.delete(kind);
      for (const place of waiting(kind)) this.at(place, now);
    }
    if (this.#sweepAt <= now) {
      this.#sweepAt = now + this.#options.sweepEvery;
      const all = new Set([...everything(), ...this.#due.keys()]);
      this.#due.clear();
      return [...all];
    }
    const due = [...this.#due].filter(([, time]) => time <= now).map(([place]) => place);
    for (const place of due) this.#due.delete(place);
    return due;
  }

  /** Milliseconds until something is due. */
  next(now: number): number {
    let next = this.#sweepAt;
    for (const time of [...this.#due.values(), ...this.#changed.values()]) next = Math.min(next, time);
    return Math.max(0, next - now);
  }
}
