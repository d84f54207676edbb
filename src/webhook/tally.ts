import { Counter, type Registry } from 'prom-client';

/** What was counted under one label value, by the values of the labels after it: those are few, and always the same strings. */
interface Level {
  readonly value: string;
  count: number;
  readonly below: Level[];
}

/**
 * A counter of up to three labels that counts in plain maps and tells Prometheus when it asks: prom-client sorts and joins the
 * labels at every `inc`, which costs more than a check.
 *
 * @returns counts one; the values are those of `labelNames`, in their order
 */
export function tallyCounter(
  registry: Registry,
  { name, help, labelNames }: { readonly name: string; readonly help: string; readonly labelNames: string[] },
): (first?: string, second?: string, third?: string) => void {
  /** Of the first label there may be many values. */
  const first = new Map<string, Level>();
  const counter = new Counter({
    name,
    help,
    labelNames,
    registers: [],
    collect() {
      this.reset();
      for (const [values, count] of leaves([...first.values()], [])) {
        this.inc(Object.fromEntries(labelNames.map((label, at) => [label, values[at] ?? ''])), count);
      }
    },
  });
  registry.registerMetric(counter);
  return (value = '', second, third) => {
    let level = first.get(value);
    if (level === undefined) first.set(value, (level = newLevel(value)));
    if (second !== undefined) level = levelBelow(level, second);
    if (third !== undefined) level = levelBelow(level, third);
    level.count += 1;
  };
}

function newLevel(value: string): Level {
  return { value, count: 0, below: [] };
}

function levelBelow({ below }: Level, value: string): Level {
  // By index: an iterator for each look would be most of what counting allocates.
  for (let at = 0; at < below.length; at += 1) {
    const level = below[at];
    if (level?.value === value) return level;
  }
  const level = newLevel(value);
  below.push(level);
  return level;
}

function* leaves(levels: readonly Level[], before: readonly string[]): Iterable<readonly [readonly string[], number]> {
  for (const { value, count, below } of levels) {
    const values = [...before, value];
    if (count > 0) yield [values, count];
    yield* leaves(below, values);
  }
}
