const form = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2}))?$/;
const day = 86_400_000;

/**
 * When the time that `2026-12-31` (that day included, in UTC) or `2026-12-31T18:00:00+01:00` names is over, in milliseconds
 * since 1970; undefined for what is no such date. Source: RFC 3339.
 */
export function endOf(written: string): number | undefined {
  const [, date, time] = form.exec(written) ?? [];
  if (date === undefined) return undefined;
  const midnight = Date.parse(`${date}T00:00:00Z`);
  // JavaScript takes February 30 for March 2.
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== date) return undefined;
  const moment = time === undefined ? midnight + day : Date.parse(written);
  return Number.isNaN(moment) ? undefined : moment;
}
