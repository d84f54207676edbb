/** Where a command prints; main.ts gives the real streams, tests give strings. */
export interface Io {
  stdout: (text: string) => void;
  stderr: (text: string) => void;
  /** All of standard input. */
  stdin: () => Promise<Buffer>;
  /** Whether the reader's terminal shows colours. */
  color: boolean;
}

/** 0 clean · 1 findings at or above the threshold · 2 a mistake of the operator · 70 a fault of daytwo (sysexits EX_SOFTWARE) */
export type ExitCode = 0 | 1 | 2 | 70;
