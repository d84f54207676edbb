import { describe, expect, test } from 'vitest';
import { audit, type AuditOptions } from '../../src/audit/audit.ts';
import { readManifests } from '../../src/audit/read-manifests.ts';
import type { AuditReport } from '../../src/audit/report.ts';
import { renderMistake } from '../../src/errors.ts';
import { companionCheck, imageTagCheck, policyFor } from './audit-kit.ts';

const deployment = (name: string, image: string, namespace = ''): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      containers:
        - name: main
          image: ${image}
`;
const budget = (name: string, namespace = ''): string =>
  `apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: ${name}, namespace: "${namespace}"}\n`;
const namespace = (name: string, tier: string): string =>
  `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}, labels: {daytwo.dev/tier: ${tier}}}\n`;

async function auditText(documents: readonly string[], options: Partial<AuditOptions> = {}): Promise<AuditReport> {
  const read = await readManifests(['-'], async () => Buffer.from(documents.join('---\n')));
  return audit(read, policyFor([imageTagCheck, companionCheck]), {
    defaultNamespace: 'default',
    complete: false,
    version: undefined,
    now: 0,
    ...options,
  });
}

const found = ({ reports }: AuditReport): string[] =>
  reports.flatMap(({ place, findings }) =>
    findings.map(
      ({ finding, position }) =>
        `${place.namespace ?? ''}/${place.name} ${finding.check.id} ${position.line}:${position.column}`,
    ),
  );

test('finds what the check finds, in its line', async () => {
  expect(found(await auditText([deployment('good', 'app:1'), deployment('bad', 'app')]))).toEqual([
    'default/bad compute/image-tag 27:11',
  ]);
});

test('an object without a namespace goes where -n says, and is judged among its neighbours there', async () => {
  const documents = [deployment('app', 'app:1'), budget('app', 'shop')];
  expect(found(await auditText(documents, { complete: true, defaultNamespace: 'shop' }))).toEqual([]);
  expect(found(await auditText(documents, { complete: true }))).toEqual(['default/app network/companion 6:1']);
});

test('a missing companion is a finding only where the manifests are complete', async () => {
  const report = await auditText([deployment('app', 'app:1')]);
  expect(found(report)).toEqual([]);
  expect(report.reports[0]?.unjudged).toMatchObject([{ code: 'unknown' }]);
});

test('the order of the documents does not matter', async () => {
  const documents = [namespace('shop', 'production'), budget('app', 'shop'), deployment('app', 'app', 'shop')];
  const one = await auditText(documents, { complete: true });
  const other = await auditText(documents.toReversed(), { complete: true });
  expect(one.reports.map(({ tier, loops }) => ({ tier, loops }))).toEqual([{ tier: 'production', loops: ['compute'] }]);
  expect(other.reports.map(({ tier, loops }) => ({ tier, loops }))).toEqual([
    { tier: 'production', loops: ['compute'] },
  ]);
});

test('a namespace written on a cluster-scoped object does not count', async () => {
  const misplaced =
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, namespace: x, labels: {daytwo.dev/tier: production}}\n';
  const report = await auditText([deployment('app', 'app', 'shop'), misplaced]);
  expect(report.reports[0]?.tier).toBe('production');
});

test('an object that is written twice is noted, in whatever API version', async () => {
  const again = deployment('app', 'app:1').replace('apps/v1', 'apps/v1beta2');
  const other = deployment('app', 'app:1', 'elsewhere');
  const { warnings } = await auditText([deployment('app', 'app:1', 'default'), again, other]);
  expect(warnings.map(renderMistake)).toEqual([
    'stdin:15:1: apps/Deployment default/app stands in stdin:1 already; the one that is applied last stays',
  ]);
});

test('in system namespaces the most is a line in the report', async () => {
  const { reports } = await auditText([deployment('dns', 'dns', 'kube-system')]);
  expect(reports).toMatchObject([
    { inSystemNamespace: true, bypass: undefined, findings: [{ finding: { action: 'Audit' } }] },
  ]);
});

test('items of a long List are found in their lines, and quickly', { timeout: 20_000 }, async () => {
  const items = Array.from(
    { length: 5000 },
    (_, number) =>
      `- {apiVersion: v1, kind: Pod, metadata: {name: p${number}}, spec: {containers: [{name: c, image: x}]}}`,
  );
  const report = await auditText([`apiVersion: v1\nkind: List\nitems:\n${items.join('\n')}\n`]);
  expect(report.reports.map(({ findings }) => findings[0]?.position.line)).toEqual(
    items.map((_, number) => number + 4),
  );
});

describe('cross-loop', () => {
  test('an object that fails in two loops says so', async () => {
    const report = await auditText([deployment('app', 'app')], { complete: true });
    expect(report.reports[0]?.loops).toEqual(['compute', 'network']);
    expect(report.crossLoopNamespaces).toEqual([]);
  });

  test('a namespace says so where no single object does', async () => {
    const documents = [deployment('a', 'app'), budget('a'), deployment('b', 'app:1'), deployment('c', 'c:1', 'other')];
    const report = await auditText(documents, { complete: true });
    expect(report.crossLoopNamespaces).toEqual([{ namespace: 'default', loops: ['compute', 'network'] }]);
  });
});
