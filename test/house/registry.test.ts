import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Loop } from '../../src/checks/check.ts';
import { checks } from '../../src/checks/index.ts';
import { watchedKinds } from '../../src/kubernetes/watched-kinds.ts';
import { readinessExemptionSchema } from '../../src/policy/readiness-exemption.ts';
import { readinessPolicySchema } from '../../src/policy/readiness-policy-schema.ts';
import { repository } from './source-files.ts';

const ids = checks.map(({ id }) => id);
const loops = ['identity', 'compute', 'network', 'storage', 'observability', 'platform'] satisfies Loop[];

describe('the registry', () => {
  test('holds every check that is written, once', () => {
    const written = globSync(`src/checks/{${loops.join(',')}}/*.ts`, { cwd: repository })
      .filter((path) => readFileSync(join(repository, path), 'utf8').includes('defineCheck'))
      .map((path) => path.slice('src/checks/'.length, -'.ts'.length));
    expect(ids.toSorted()).toEqual(written.toSorted());
  });

  test('goes through the loops in the order of the checklist', () => {
    expect(checks.map(({ loop }) => loop)).toEqual(checks.map(({ loop }) => loop).sort(byLoop));
  });

  test.each(globSync('policies/*.yaml', { cwd: repository }))(
    '%s says what to do about every check, in its order',
    (path) => {
      const [policy] = readYaml(path);
      expect(policy.spec.rules.map(({ check }: { check: string }) => check)).toEqual(ids);
    },
  );
});

describe.each(checks.map((check) => [check.id, check] as const))('%s', (id, { canPatch, reads, params }) => {
  test('has a default for every param: a rule without params is never compared with the schema', () => {
    const { required, properties } = params.schema as { required: unknown; properties: object };
    expect(required).toEqual([]);
    expect(Object.keys(params.defaults)).toEqual(expect.arrayContaining(Object.keys(properties)));
  });

  test('has fixtures of every verdict that it can reach', () => {
    const count = (verdict: string) =>
      globSync(`test/fixtures/checks/${id}/${verdict}/*.yaml`, { cwd: repository }).length;
    expect(count('pass')).toBeGreaterThan(0);
    expect(count('fail')).toBeGreaterThan(0);
    expect(count('patched') > 0).toBe(canPatch);
  });

  test('reads only kinds that the cluster cache can hold', () => {
    expect(Object.keys(reads).filter((kind) => !watchedKinds.has(kind as `${string}/${string}`))).toEqual([]);
  });
});

test.each([
  ...checks.map(({ id, params }) => [`the params of ${id}`, params.schema] as const),
  ['ReadinessPolicy', readinessPolicySchema] as const,
  ['ReadinessExemption', readinessExemptionSchema] as const,
])('the schema of %s is one, which nobody looks at when it is used', (_name, schema) => {
  const ajv = new Ajv();
  expect([ajv.validateSchema(schema), ajv.errors]).toEqual([true, null]);
});

test('no fixture belongs to a check that does not exist', () => {
  const folders = globSync('test/fixtures/checks/*/*', { cwd: repository }).map((path) =>
    path.split('/').slice(-2).join('/'),
  );
  expect(folders.filter((id) => !ids.some((known) => known === id))).toEqual([]);
});

test('Secrets and ConfigMaps are never held in memory', () => {
  expect([...watchedKinds.keys()].filter((kind) => /Secret|ConfigMap/.test(kind))).toEqual([]);
});

function byLoop(a: Loop, b: Loop): number {
  return loops.indexOf(a) - loops.indexOf(b);
}

// oxlint-disable-next-line typescript/no-explicit-any -- YAML of ours, which the policy's own tests validate
function readYaml(path: string): readonly any[] {
  return parseAllDocuments(readFileSync(join(repository, path), 'utf8')).map((document) => document.toJS());
}
