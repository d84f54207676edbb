import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface KubectlOptions {
  binary: string;
  kubeconfig: string;
  /** The home folder that kubectl sees: it keeps what it discovered about servers there. */
  home: string;
  /** What it reads from `-f -`. */
  input: string;
  /** Milliseconds. */
  timeout: number;
}

export interface KubectlResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs kubectl to its end. A code other than 0 is a result; only a kubectl that never ends throws. */
export async function runKubectl(args: readonly string[], options: KubectlOptions): Promise<KubectlResult> {
  const { binary, kubeconfig, home, input, timeout } = options;
  const child = spawn(binary, args, {
    // A home of its own: the developer's kuberc and cached discovery, by host and port, must not matter.
    env: { PATH: process.env['PATH'], HOME: home, KUBECONFIG: kubeconfig },
    timeout,
    killSignal: 'SIGKILL',
  });
  // kubectl may end before it has read everything; what it says then is worth more than our EPIPE.
  child.stdin.on('error', () => {}).end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (child.exitCode === null) {
    throw new Error(`kubectl ${args.join(' ')} did not end within ${timeout / 1000} s\n${stdout}${stderr}`.trim());
  }
  return { code: child.exitCode, stdout, stderr };
}
