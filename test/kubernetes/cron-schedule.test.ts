import { expect, test } from 'vitest';
import { usualGap } from '../../src/kubernetes/cron-schedule.ts';

test.each<[string, number | undefined]>([
  ['* * * * *', 1],
  ['*/5 * * * *', 5],
  ['*/7 * * * *', 7],
  ['0 * * * *', 60],
  ['0 3 * * *', 24 * 60],
  ['58,2 * * * *', 56],
  ['0,2 3 * * 0', 24 * 60 - 2],
  ['0-10 3 * * *', 1],
  ['59 3,4 * * *', 23 * 60],
  ['0-30/10,45 * * * *', 10],
  ['10/25 * * * *', 35],
  ['0 */6 * * 1-5', 360],
  ['0 9-17 * * MON-FRI', 60],
  ['? * * * *', 1],
  ['TZ=Europe/Berlin */2 * * * *', 2],
  ['  */3  * * * * ', 3],
  ['@hourly', 60],
  ['@every 1h30m', 90],
  ['@every 5m', 5],
  ['@every 90s', undefined],
  ['@reboot', undefined],
  ['61 * * * *', undefined],
  ['*/0 * * * *', undefined],
  ['30-10 * * * *', undefined],
  ['often', undefined],
  ['', undefined],
])('%j leaves %s minutes between most runs', (schedule, gap) => {
  expect(usualGap(schedule)).toBe(gap);
});
