import { Counter, type Registry } from 'prom-client';

/** Counts by label values: one level of maps a label. Values are few and always the same strings, so each level is one cheap look. */
interface Level {
  count: number;
  readonly below: Map<string, Level>;
}

/**
 * A counter that counts in plain maps and tells Prometheus when it asks: prom-client sorts and joins the labels at every
 * `inc`, which costs more than a check.
 *
 * @returns counts one; the values are those of `labelNames`, in their order
 */
export function tallyCounter(
  registry: Registry,
  { name, help, labelNames }: { readonly name: string; readonly help: string; readonly labelNames: string[] },
): (...values: readonly string[]) => void {
  const root: Level = { count: 0, below: new Map() };
  const counter = new Counter({
    name,
    help,
    labelNames,
    registers: [],
    collect() {
      this.reset();
      for (const [values, count] of leaves(root, [])) {
        this.inc(Object.fromEntries(labelNames.map((label, at) => [label, values[at] ?? ''])), count);
      }
    },
  });
  registry.registerMetric(counter);
  return (...values) => {
    let level = root;
    for (const value of values) level = levelBelow(level, value);
    level.count += 1;
  };
}

function levelBelow({ below }: Level, value: string): Level {
  let level = below.get(value);
  if (level === undefined) below.set(value, (level = { count: 0, below: new Map() }));
  return level;
}

function* leaves(level: Level, values: readonly string[]): Iterable<readonly [readonly string[], number]> {
  if (level.count > 0) yield [values, level.count];
  for (const [value, below] of level.below) yield* leaves(below, [...values, value]);
}
