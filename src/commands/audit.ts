import { audit } from '../audit/audit.ts';
import { readManifests } from '../audit/read-manifests.ts';
import type { AuditReport } from '../audit/report.ts';
import { renderJson } from '../audit/reporters/json.ts';
import { printable } from '../audit/reporters/printable.ts';
import { renderTable } from '../audit/reporters/table.ts';
import { faultsOf, type FindingAction, findingActions } from '../audit/summary.ts';
import { renderMistake } from '../errors.ts';
import type { ExitCode, Io } from './io.ts';
import { loadPolicy, type PolicySource } from './load-policy.ts';
import { readServerVersion } from './server-version.ts';

export interface RunAuditOptions extends PolicySource {
  /** Files, folders, or `-` for standard input. */
  readonly paths: readonly string[];
  readonly namespace: string;
  readonly complete: boolean;
  readonly output: 'table' | 'json';
  /** `1.36`; undefined where the cluster is not known. */
  readonly kubernetesVersion?: string | undefined;
  /** The mildest action that makes the exit code 1. */
  readonly failOn: FindingAction;
}

/**
 * `daytwo audit`: what the webhook would say about manifests. What is sound is judged and printed before mistakes are named.
 * @throws {OperatorError} for a policy or an option that cannot be used
 */
export async function runAudit(options: RunAuditOptions, io: Io): Promise<ExitCode> {
  const version = readServerVersion(options.kubernetesVersion);
  const policy = await loadPolicy(options);
  const read = await readManifests(options.paths, io.stdin);
  const { namespace: defaultNamespace, complete } = options;
  const report = audit(read, policy, { defaultNamespace, complete, version, now: Date.now() });
  io.stdout(options.output === 'json' ? renderJson(report) : renderTable(report, io));
  for (const mistake of report.mistakes) io.stderr(`${printable(renderMistake(mistake))}\n`);
  return exitCode(report, options.failOn);
}

/** A fault of daytwo outweighs a mistake of the operator, which outweighs findings: each makes the next one doubtful. */
function exitCode({ reports, mistakes }: AuditReport, failOn: FindingAction): ExitCode {
  if (reports.some((report) => faultsOf(report).length > 0)) return 70;
  if (mistakes.length > 0) return 2;
  const counted = findingActions.slice(0, findingActions.indexOf(failOn) + 1);
  const fails = reports.some(({ findings }) =>
    findings.some(({ finding }) => counted.some((one) => one === finding.action)),
  );
  return fails ? 1 : 0;
}
