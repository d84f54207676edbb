#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { buffer } from 'node:stream/consumers';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { ExitCode, Io } from './commands/io.ts';
import { OperatorError } from './errors.ts';

// What is imported from here on is compiled once and kept in the temporary folder: `checks` and `audit` start often.
enableCompileCache();

const policiesFolder = new URL('../policies/', import.meta.url);
const io: Io = {
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  stdin: () => buffer(process.stdin),
  color: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
};

// `daytwo audit … | head` closes the pipe early, which is no mistake of anybody.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
process.exitCode = await run();

async function run(): Promise<ExitCode> {
  try {
    return await runProgram();
  } catch (error) {
    return explain(error);
  }
}

/** Every command is imported when it is asked for: `checks` and `audit` start often and load nothing that only `serve` needs. */
async function runProgram(): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const program = new Command('daytwo')
    .description('Day-2 readiness guardrails for Kubernetes: one checklist, as an admission webhook and as an audit.')
    .version('0.1.0')
    .exitOverride()
    .showSuggestionAfterError();

  program
    .command('audit')
    .description('judge manifests as the webhook would')
    .argument('<paths...>', 'files, folders, or - for standard input')
    .addOption(policyOption())
    .option('-n, --namespace <name>', 'for objects that name none', 'default')
    .option('--complete', 'the files are all there is: what is missing is a finding', false)
    .addOption(new Option('-o, --output <format>').choices(['table', 'json']).default('table'))
    .addOption(kubernetesVersionOption())
    .addOption(
      new Option('--fail-on <action>', 'the mildest action that makes the exit code 1')
        .choices(['Deny', 'Warn', 'Audit'])
        .default('Deny'),
    )
    .action(async (paths, options) => {
      const { runAudit } = await import('./commands/audit.ts');
      exitCode = await runAudit({ ...options, paths, policiesFolder }, io);
    });

  program
    .command('review')
    .description('send manifests through the real webhook, and print what kubectl would print')
    .argument('<paths...>', 'files, folders, or - for standard input')
    .addOption(policyOption())
    .option('-n, --namespace <name>', 'for objects that name none', 'default')
    .addOption(kubernetesVersionOption())
    .action(async (paths, options) => {
      const { runReview } = await import('./commands/review.ts');
      exitCode = await runReview({ ...options, paths, policiesFolder }, io);
    });

  program
    .command('exemptions')
    .description('list ReadinessExemptions with their age, use and end; exit code 1 where one counts as none')
    .argument('[paths...]', 'files, folders, or - for standard input')
    .option('--cluster', 'those of the cluster, by your own kubeconfig', false)
    .option('--kubeconfig <file>', 'those of this cluster')
    .option('--context <name>', 'context of the kubeconfig')
    .addOption(policyOption())
    .option('-n, --namespace <name>', 'for objects in files that name none', 'default')
    .addOption(new Option('-o, --output <format>').choices(['table', 'json']).default('table'))
    .action(async (paths, options) => {
      const { runExemptions } = await import('./commands/exemptions.ts');
      exitCode = await runExemptions({ ...options, paths, policiesFolder, env: process.env }, io);
    });

  program
    .command('checks')
    .description('list the checklist')
    .addOption(new Option('-o, --output <format>').choices(['table', 'json', 'markdown']).default('table'))
    .action(async (options) => {
      const { runChecks } = await import('./commands/checks.ts');
      exitCode = runChecks(options, io);
    });

  program
    .command('explain')
    .description('why a check is asked, what it prevents, how to fix it, and an example')
    .argument('<check>', 'its id, such as compute/memory-limit, or its name alone')
    .addOption(new Option('-o, --output <format>').choices(['text', 'json']).default('text'))
    .action(async (check, options) => {
      const { runExplain } = await import('./commands/explain.ts');
      exitCode = runExplain({ ...options, check }, io);
    });

  program
    .command('serve')
    .description('run the admission webhook')
    .addOption(policyOption())
    .option('--host <address>', 'address to listen on', '::')
    .option('--port <number>', 'port to listen on', readPort, 8443)
    .option('--kubeconfig <file>', 'the cluster; outside one KUBECONFIG, inside one the ServiceAccount by default')
    .option('--context <name>', 'context of the kubeconfig')
    .option('--no-cluster', 'know nothing but the object itself')
    .addOption(kubernetesVersionOption())
    .option('--certs <folder>', 'certificates, where no Secret holds them', 'certs')
    .option('--cert-secret <name>', 'Secret in our namespace that holds the certificates of all replicas')
    .option('--webhook-configuration <name>', 'both webhook configurations to put our CA into', 'daytwo')
    .option('--service <name>', 'Service that the API server calls', 'daytwo')
    .option('--names <names...>', 'more DNS names and IP addresses to serve', [])
    .option('--drain <seconds>', 'how long to serve on after SIGTERM', Number, 8)
    .action(async (options) => {
      const { runServe } = await import('./commands/serve.ts');
      exitCode = await runServe({
        ...options,
        policiesFolder,
        identity: podIdentity(),
        env: process.env,
        log: process.stdout.fd,
      });
    });

  program
    .command('controller')
    .description(
      'watch the cluster: what is still missing or in conflict after the grace period, and companions for who wants them',
    )
    .addOption(policyOption())
    .option('--grace <seconds>', 'how long a companion may take to arrive', readSeconds, 600)
    .option('--host <address>', 'address for probes and metrics', '::')
    .option('--port <number>', 'port for probes and metrics', readPort, 8080)
    .option('--lease <name>', 'Lease in our namespace that says which replica leads', 'daytwo-controller')
    .option('--kubeconfig <file>', 'the cluster; outside one KUBECONFIG, inside one the ServiceAccount by default')
    .option('--context <name>', 'context of the kubeconfig')
    .action(async (options) => {
      const { runController } = await import('./commands/controller.ts');
      exitCode = await runController({
        ...options,
        policiesFolder,
        identity: podIdentity(),
        env: process.env,
        log: process.stdout.fd,
      });
    });

  const certs = program.command('certs').description('certificates for a webhook on this machine');
  for (const [action, description] of [
    ['issue', 'make what is missing, renew what is due'],
    ['renew', 'make a new serving certificate now'],
    ['inspect', 'show names and dates'],
  ] as const) {
    certs
      .command(action)
      .description(description)
      .option('--folder <folder>', 'where they are', 'certs')
      .option('--service <name>', 'Service that the API server calls', 'daytwo')
      .option('--namespace <name>', 'of the Service', 'daytwo-system')
      .option('--names <names...>', 'more DNS names and IP addresses', [])
      .action(async (options) => {
        const { runCerts } = await import('./commands/certs.ts');
        exitCode = await runCerts({ ...options, action }, io);
      });
  }

  await program.parseAsync(process.argv);
  return exitCode;
}

function policyOption(): Option {
  return new Option('-p, --policy <policy>', 'observe, baseline, strict, or a file').default('baseline');
}

function kubernetesVersionOption(): Option {
  return new Option('--kubernetes-version <version>', 'of the cluster, such as 1.36, where there is none to ask');
}

function podIdentity(): Record<'pod' | 'node' | 'namespace' | 'zone', string | undefined> {
  const { POD_NAME: pod, NODE_NAME: node, POD_NAMESPACE: namespace, ZONE: zone } = process.env;
  return { pod, node, namespace, zone };
}

function readSeconds(written: string): number {
  const seconds = Number(written);
  if (!(seconds >= 0)) throw new InvalidArgumentError('Seconds are a number from 0 on.');
  return seconds;
}

function readPort(written: string): number {
  const port = Number(written);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError('A port is 0 to 65535.');
  return port;
}

/** An operator's mistake is a sentence; anything else is a fault of ours and comes with its stack. */
function explain(error: unknown): ExitCode {
  // commander has printed its own words already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof OperatorError) {
    io.stderr(`${error.message}\n`);
    return 2;
  }
  const trace = error instanceof Error ? error.stack : String(error);
  io.stderr(`daytwo failed. This is a defect of daytwo; please report it with these lines:\n${trace}\n`);
  return 70;
}
