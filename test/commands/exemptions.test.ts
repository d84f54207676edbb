import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ExemptionsOptions, runExemptions } from '../../src/commands/exemptions.ts';
import type { ExitCode } from '../../src/commands/io.ts';
import { OperatorError } from '../../src/errors.ts';
import { temporaryFolder } from '../audit/temporary-folder.ts';
import { answerJson, failure, startApiStub } from '../cluster/api-stub.ts';
import { kubeconfigOf } from '../cluster/kubeconfig-of.ts';

/** The day is the one on which the test runs, so the ends are counted from it. */
function daysFromNow(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

const workload = `apiVersion: apps/v1
kind: Deployment
metadata: {name: legacy, namespace: shop}
spec:
  selector: {matchLabels: {app: legacy}}
  template:
    metadata: {labels: {app: legacy}}
    spec: {containers: [{name: app, image: "registry.example/app:1.0"}]}
`;

function exemption(name: string, until: string, checks = 'compute/memory-limit, compute/resource-requests'): string {
  return `apiVersion: daytwo.dev/v1alpha1
kind: ReadinessExemption
metadata: {name: ${name}, namespace: shop}
spec:
  checks: [${checks}]
  target: {kind: apps/Deployment, name: legacy}
  reason: goes away
  owner: team shop
  until: ${until}
`;
}

interface Run {
  readonly exitCode: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(files: Readonly<Record<string, string>>, options: Partial<ExemptionsOptions> = {}): Promise<Run> {
  const printed = { stdout: '', stderr: '' };
  const exitCode = await runExemptions(
    {
      policy: 'strict',
      policiesFolder: new URL('../../policies/', import.meta.url),
      cluster: false,
      namespace: 'default',
      output: 'table',
      env: {},
      ...options,
      paths: options.paths ?? [temporaryFolder(files)],
    },
    {
      stdout: (text) => (printed.stdout += text),
      stderr: (text) => (printed.stderr += text),
      stdin: async () => Buffer.from(''),
      color: false,
    },
  );
  return { exitCode, ...printed };
}

describe('daytwo exemptions', () => {
  test('counts what each excuses', async () => {
    const until = daysFromNow(100);
    const { exitCode, stdout } = await run({ 'a.yaml': workload, 'b.yaml': exemption('legacy', until) });
    expect(exitCode).toBe(0);
    const [headings, row] = stdout.split('\n');
    expect(headings).toMatch(/^EXEMPTION +CHECKS +TARGET +OWNER +AGE +UNTIL +STATE +USES$/);
    expect(row).toMatch(/^shop\/legacy +\S+ +apps\/Deployment legacy +team shop +- +\S+ +Active +2$/);
  });

  test('says what is no longer needed, what ends soon and what counts as none', async () => {
    const { exitCode, stdout } = await run({
      'a.yaml': exemption('a-idle', daysFromNow(100)),
      'b.yaml': exemption('b-soon', daysFromNow(3)),
      'c.yaml': exemption('c-over', daysFromNow(-3)),
      'd.yaml': exemption('d-wide', daysFromNow(3), "'*'"),
    });
    expect(exitCode).toBe(1);
    const notes = stdout.split('\n').filter((line) => line.startsWith('  '));
    expect(notes).toEqual([
      '  · excuses nothing at present',
      '  ! ends in 3 days, and excuses nothing at present',
      `  ! expired on ${daysFromNow(-3)}`,
      expect.stringContaining('  ! does not count: spec.checks[0]: too broad'),
    ]);
  });

  test('is JSON for machines', async () => {
    const { stdout } = await run({ 'a.yaml': exemption('legacy', daysFromNow(3)) }, { output: 'json' });
    expect(JSON.parse(stdout)).toEqual([
      {
        namespace: 'shop',
        name: 'legacy',
        checks: ['compute/memory-limit', 'compute/resource-requests'],
        target: 'apps/Deployment legacy',
        owner: 'team shop',
        reason: 'goes away',
        until: daysFromNow(3),
        daysLeft: 3,
        state: 'Active',
        message: `until ${daysFromNow(3)}`,
        uses: 0,
      },
    ]);
  });

  test('wants files or a cluster', async () => {
    await expect(run({}, { paths: [] })).rejects.toThrow(OperatorError);
    await expect(run({}, { cluster: true })).rejects.toThrow('name files or folders, or ask a cluster');
  });

  test('a cluster that cannot be reached is the operator’s mistake', async () => {
    const kubeconfig = join(temporaryFolder({ kubeconfig: kubeconfigOf('http://127.0.0.1:1') }), 'kubeconfig');
    const asked = run({}, { paths: [], kubeconfig });
    await expect(asked).rejects.toThrow(OperatorError);
    await expect(asked).rejects.toThrow(
      'GET /version: no answer from http://127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1',
    );
  });

  test.each([
    [401, 'Unauthorized'],
    [403, 'Forbidden'],
  ])('so is a cluster that refuses them with %d', async (status, reason) => {
    const stub = await startApiStub((_url, response) => answerJson(response, failure(status, reason, reason), status));
    onTestFinished(() => stub.stop());
    const kubeconfig = join(temporaryFolder({ kubeconfig: kubeconfigOf(stub.client.server) }), 'kubeconfig');
    const asked = run({}, { paths: [], kubeconfig });
    await expect(asked).rejects.toThrow(OperatorError);
    await expect(asked).rejects.toThrow(`GET /version: ${reason}`);
  });
});
