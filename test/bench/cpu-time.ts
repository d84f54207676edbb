import { readdirSync, readFileSync } from 'node:fs';

/** Microseconds of CPU that a process has used, all its threads together. Source: proc_pid_schedstat, first field in ns. */
export function cpuTime(pid: number): number {
  const folder = `/proc/${pid}/task`;
  let nanoseconds = 0;
  for (const thread of readdirSync(folder)) {
    try {
      nanoseconds += Number(readFileSync(`${folder}/${thread}/schedstat`, 'utf8').split(' ', 1)[0]);
    } catch {
      // The thread ended between the two looks.
    }
  }
  return nanoseconds / 1000;
}
