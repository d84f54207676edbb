/**
 * The minutes between most runs of a CronJob's schedule within a day, so far as its minutes and hours tell; 60 and more read as they
 * come. Not the fewest: those of every seven minutes come once an hour four minutes apart. Days and months only make runs rarer.
 * @returns undefined for what is no schedule, and for `@every` of less than a minute
 */
export function usualGap(schedule: string): number | undefined {
  // Older API servers let a time zone stand before the schedule: it moves the runs, not what is between them.
  const written = schedule.trim().replace(/^(CRON_)?TZ=\S+\s+/, '');
  if (written.startsWith('@')) return named(written);
  const [minutes, hours] = written.split(/\s+/, 2);
  const minutesOfHour = expand(minutes ?? '', 60);
  const hoursOfDay = expand(hours ?? '', 24);
  if (minutesOfHour === undefined || hoursOfDay === undefined) return undefined;
  const runs = hoursOfDay.flatMap((hour) => minutesOfHour.map((minute) => hour * 60 + minute));
  const [first = 0] = runs;
  const between = runs.map((run, i) => (runs[i + 1] ?? first + 24 * 60) - run).sort((a, b) => a - b);
  // Where as many are long as are short, it is not often.
  return between[Math.floor(between.length / 2)];
}

const gaps: ReadonlyMap<string, number> = new Map([
  ['@hourly', 60],
  ['@daily', 24 * 60],
  ['@midnight', 24 * 60],
  ['@weekly', 7 * 24 * 60],
  ['@monthly', 28 * 24 * 60],
  ['@yearly', 365 * 24 * 60],
  ['@annually', 365 * 24 * 60],
]);

/** `@every 1h30m`, in the form of Go's durations. Source: robfig/cron parseDescriptor. */
function named(schedule: string): number | undefined {
  const every = /^@every\s+(?:(?<hours>\d+)h)?(?:(?<minutes>\d+)m)?(?:\d+s)?$/.exec(schedule)?.groups;
  if (every === undefined) return gaps.get(schedule);
  const minutes = Number(every['hours'] ?? 0) * 60 + Number(every['minutes'] ?? 0);
  return minutes > 0 ? minutes : undefined;
}

/** `0-30/10,45` of 60 is [0, 10, 20, 30, 45]; undefined for what cron does not know. */
function expand(field: string, size: number): readonly number[] | undefined {
  const found = new Set<number>();
  for (const part of field.split(',')) {
    const { all, from, to, step } =
      /^(?:(?<all>[*?])|(?<from>\d+)(?:-(?<to>\d+))?)(?:\/(?<step>\d+))?$/.exec(part)?.groups ?? {};
    if (all === undefined && from === undefined) return undefined;
    const by = Number(step ?? 1);
    const start = Number(from ?? 0);
    // `5/15` runs on to the end of the hour, `5` only once.
    const end = to === undefined ? (all === undefined && step === undefined ? start : size - 1) : Number(to);
    if (by < 1 || end >= size || start > end) return undefined;
    for (let value = start; value <= end; value += by) found.add(value);
  }
  return [...found].sort((a, b) => a - b);
}
