import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runAudit, type RunAuditOptions } from '../../src/commands/audit.ts';
import type { ExitCode } from '../../src/commands/io.ts';
import { OperatorError } from '../../src/errors.ts';
import { temporaryFolder } from '../audit/temporary-folder.ts';

const pod = (name: string, labels = '{}'): string => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: ${labels}}
spec:
  containers: [{name: app, image: "registry.example/app:1.0", resources: {requests: {cpu: 1, memory: 1Gi}}}]
`;
const production = '{daytwo.dev/tier: production}';

interface Run {
  readonly exitCode: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(
  files: Readonly<Record<string, string>>,
  options: Partial<RunAuditOptions> = {},
  stdin = pod('piped', production),
): Promise<Run> {
  const folder = temporaryFolder(files);
  const printed = { stdout: '', stderr: '' };
  const exitCode = await runAudit(
    {
      policy: 'baseline',
      policiesFolder: new URL('../../policies/', import.meta.url),
      namespace: 'default',
      complete: false,
      output: 'table',
      failOn: 'Deny',
      ...options,
      paths: (options.paths ?? ['.']).map((path) => (path === '-' ? path : join(folder, path))),
    },
    {
      stdout: (text) => (printed.stdout += text),
      stderr: (text) => (printed.stderr += text.replaceAll(`${folder}/`, '')),
      stdin: async () => Buffer.from(stdin),
      color: false,
    },
  );
  return { exitCode, ...printed };
}

describe('exit codes', () => {
  const clean = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: clean}\ndata: {a: b}\n';

  test('0 where nothing is wrong', async () => {
    const { exitCode, stdout, stderr } = await run({ 'a.yaml': clean });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('No findings');
  });

  test('0 for what only warns, until --fail-on Warn', async () => {
    const files = { 'a.yaml': pod('standard') };
    expect((await run(files)).stdout).toContain('Warn');
    expect((await run(files)).exitCode).toBe(0);
    expect((await run(files, { failOn: 'Warn' })).exitCode).toBe(1);
  });

  test('1 for what would be refused', async () => {
    const { exitCode, stdout } = await run({ 'a.yaml': pod('denied', production) });
    expect(exitCode).toBe(1);
    expect(stdout).toContain('container "app" has no memory limit');
  });

  test('2 for a broken document, after the others have been judged and printed', async () => {
    const { exitCode, stdout, stderr } = await run({ 'a.yaml': `${pod('denied', production)}---\na: b: c\n` });
    expect(exitCode).toBe(2);
    expect(stdout).toContain('Pod default/denied');
    expect(stderr).toBe('a.yaml:7:5: this line is not indented like its neighbours, or a value needs quotes\n');
  });

  test('2 for standard input in which nothing came', async () => {
    const { exitCode, stderr } = await run({}, { paths: ['-'] }, '');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('stdin: no document in it');
  });

  test('2 for a missing file', async () => {
    const { exitCode, stderr } = await run({}, { paths: ['nope.yaml'] });
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: 'nope.yaml: no such file or folder\n' });
  });
});

test('standard input is judged', async () => {
  const { exitCode, stdout } = await run({}, { paths: ['-'] });
  expect(exitCode).toBe(1);
  expect(stdout).toContain('stdin:');
});

test('JSON is one document on standard output, mistakes included', async () => {
  const { stdout } = await run({ 'a.yaml': `${pod('denied', production)}---\na: b: c\n` }, { output: 'json' });
  const report = JSON.parse(stdout) as { kind: string; mistakes: unknown[]; findings: { check: string }[] };
  expect(report.kind).toBe('AuditReport');
  expect(report.mistakes).toHaveLength(1);
  expect(report.findings.map(({ check }) => check)).toContain('compute/memory-limit');
});

test('a namespace among the files decides the tier of what goes there by -n', async () => {
  const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {env: prod}}\n';
  const files = { 'a.yaml': `${namespace}---\n${pod('app')}` };
  expect((await run(files)).exitCode).toBe(0);
  expect((await run(files, { namespace: 'shop' })).exitCode).toBe(1);
});

test.each(['1', 'latest', '1.36.x'])('--kubernetes-version %s is refused', async (kubernetesVersion) => {
  await expect(run({}, { kubernetesVersion })).rejects.toThrow(OperatorError);
});
