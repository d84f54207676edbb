import type { V1Container } from '@kubernetes/client-node';
import { at, isFields, list } from './fields.ts';

/** Whether the kubelet does something before it sends the signal to stop. */
export function hasPreStop(container: Partial<V1Container>): boolean {
  return isFields(at(container, 'lifecycle', 'preStop'));
}

/**
 * For how many seconds the hook holds up the signal to stop: its `sleep`, or the sleeps of a command that does nothing
 * undecided. What else the command does takes time of its own.
 * @returns undefined where the container has no such hook, or nobody can tell
 */
export function preStopSleep(container: Partial<V1Container>): number | undefined {
  const native = at(container, 'lifecycle', 'preStop', 'sleep', 'seconds');
  if (typeof native === 'number') return native;
  const command = preStopCommand(container);
  if (command === undefined) return undefined;
  const [program = ''] = command;
  const script = shells.has(basename(program)) ? command.slice(1).join(' ').replace(comment, '') : command.join(' ');
  if (branching.test(script)) return undefined;
  let seconds: number | undefined;
  for (const { groups } of script.matchAll(sleep)) {
    seconds = (seconds ?? 0) + Number(groups?.['amount']) * (units[groups?.['unit'] ?? 's'] ?? 1);
  }
  return seconds;
}

/** The `exec` command of the hook, with the program first. */
export function preStopCommand(container: Partial<V1Container>): readonly string[] | undefined {
  const command = at(container, 'lifecycle', 'preStop', 'exec', 'command');
  return Array.isArray(command) ? list(command).map(String) : undefined;
}

/** Whether the command needs a shell, or the `sleep` of a userland that minimal images do without. */
export function needsUserland(command: readonly string[]): boolean {
  const program = basename(command[0] ?? '');
  return program === 'sleep' || shells.has(program);
}

const shells: ReadonlySet<string> = new Set(['sh', 'bash', 'ash', 'dash']);
const sleep = /(?<![\w-])sleep\s+(?<amount>\d+(?:\.\d+)?)(?<unit>[smh])?(?![\w.])/g;
const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };
const comment = /(?:^|\s)#[^\n]*/g;
/** Also what may end before its sleep does: under `timeout`, or in the background (`sleep 60 &`, but not `2>&1`). */
const branching = /\|\||\[|(?<![&>])&(?![&>])|(?<![\w-])(if|case|while|until|for|test|timeout)(?![\w-])/;

function basename(program: string): string {
  return program.slice(program.lastIndexOf('/') + 1);
}
