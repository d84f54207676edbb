#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { ExitCode, Io } from './commands/io.ts';
import { OperatorError } from './errors.ts';

const policiesFolder = new URL('../policies/', import.meta.url);
const io: Io = {
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  color: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
};

process.exitCode = await run();

/** Every command is imported when it is asked for: `checks` and `audit` start often and load nothing that only `serve` needs. */
async function run(): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const program = new Command('daytwo')
    .description('Day-2 readiness guardrails for Kubernetes: one checklist as admission webhook and audit.')
    .version('0.1.0')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true });

  program
    .command('checks')
    .description('list the checklist')
    .addOption(new Option('-o, --output <format>').choices(['table', 'json', 'markdown']).default('table'))
    .action(async (options) => {
      const { runChecks } = await import('./commands/checks.ts');
      exitCode = runChecks(options, io);
    });

  try {
    await program.parseAsync(process.argv);
    return exitCode;
  } catch (error) {
    return explain(error);
  }
}

/** An operator's mistake is a sentence; anything else is a fault of ours and comes with its stack. */
function explain(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof OperatorError) {
    io.stderr(`${error.message}\n`);
    return 2;
  }
  io.stderr(
    `daytwo failed; this is a defect of daytwo, please report it.\n${error instanceof Error ? error.stack : String(error)}\n`,
  );
  return 70;
}
