import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { namespaceOf } from '../../src/audit/namespace-of.ts';
import type { ConfiguredCheck } from '../../src/checks/check.ts';
import { checks } from '../../src/checks/index.ts';
import { readSubject } from '../../src/engine/subject.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { ObjectIndex } from '../../src/kubernetes/object-index.ts';
import { activatePolicy } from '../../src/policy/active-policy.ts';
import { validate } from '../../src/policy/validate.ts';

/**
 * Other tools' own test cases, judged by our checks. Where we differ `peers.md` says why, and a check takes part once it
 * has a heading there.
 */
interface PeerCase {
  readonly id: string;
  readonly rule: string;
  readonly expected: 'pass' | 'fail';
  readonly input: string;
  readonly context?: string;
  readonly subject: { readonly kind: string; readonly name: string; readonly namespace?: string };
  readonly facets?: readonly string[];
  readonly our_checks: readonly string[];
  readonly tier: number;
}

/** Of several checks that a case names, those that its rule is about. */
const checksByFacet: Readonly<Record<string, string>> = {
  'cpu-request': 'compute/resource-requests',
  'memory-request': 'compute/resource-requests',
  'memory-limit': 'compute/memory-limit',
  'cpu-limit': 'compute/cpu-limit-policy',
};

const cpuLimitRequired = { 'compute/cpu-limit-policy': { policy: 'require' } };

/** What our checks must be told to ask what a rule asks: its thresholds, or that it has none. */
const paramsByRule: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  missingPodDisruptionBudget: { 'compute/pdb-required': { minReplicas: 1 } },
  topologySpreadConstraint: { 'storage/topology-spread': { minReplicas: 1 } },
  containerresources: cpuLimitRequired,
  cpuLimitsMissing: cpuLimitRequired,
  'KSV-0011': cpuLimitRequired,
  'other/require-cpu-limits': cpuLimitRequired,
  containerresourceratios: { 'compute/resource-overcommit-ratio': { memoryLimitToRequestMax: 2, ignoreBelow: '0' } },
  'other/enforce-resources-as-ratio': {
    'compute/resource-overcommit-ratio': { memoryLimitToRequestMax: 2.5, ignoreBelow: '0' },
  },
  'other/memory-requests-equal-limits': {
    'compute/resource-overcommit-ratio': { memoryLimitToRequestMax: 1, ignoreBelow: '0' },
  },
};

const folder = process.env['DAYTWO_CASES'];
const explanations = readFileSync(new URL('../peers.md', import.meta.url), 'utf8');
const judged = new Set([...explanations.matchAll(/^## (\S+)$/gm)].map(([, id]) => id));
const explained = new Set([...explanations.matchAll(/^- `([^`]+)`/gm)].map(([, id]) => id));
const policy = activatePolicy('peers', { rules: [] }, [], checks);

const cases = folder === undefined ? [] : readCases(folder);

describe.skipIf(folder === undefined)("peers' cases (set DAYTWO_CASES to run)", () => {
  test.each(cases.map((one) => [one.id, one] as const))('%s', (id, one) => {
    const agrees = verdictOf(one) === one.expected;
    expect(agrees, agrees ? 'agrees, but peers.md explains why not' : 'differs: explain it in peers.md').toBe(
      !explained.has(id),
    );
  });

  test('peers.md explains nothing but these', () => {
    expect([...explained].filter((id) => !cases.some((one) => one.id === id))).toEqual([]);
  });
});

function readCases(from: string): readonly PeerCase[] {
  const index = JSON.parse(readFileSync(`${from}/peers/index.json`, 'utf8')) as readonly PeerCase[];
  return index.filter((one) => one.tier === 1 && checksOf(one).length > 0);
}

function checksOf({ our_checks: named, facets }: PeerCase): readonly string[] {
  const meant = facets && new Set(facets.map((facet) => checksByFacet[facet] ?? facet));
  return named.filter((id) => judged.has(id) && (meant?.has(id) ?? true));
}

/** Every check that the case speaks of must be content. */
function verdictOf(one: PeerCase): 'pass' | 'fail' {
  const given = readObjects(one.input);
  const { kind, name, namespace } = one.subject;
  const object = given.find(
    ({ kind: found, metadata }) =>
      found === kind && metadata.name === name && (namespace === undefined || metadata.namespace === namespace),
  );
  if (object === undefined) throw new Error(`${one.input} lacks ${kind} ${name}`);
  const view = new ObjectIndex('all', { major: 1, minor: 36 });
  for (const each of [...(one.context === undefined ? [] : readObjects(one.context)), ...given])
    view.put(each, namespaceOf(each, 'default') ?? '');
  const request = {
    object,
    oldObject: undefined,
    operation: 'CREATE',
    subresource: undefined,
    source: 'files',
    namespace: namespaceOf(object, 'default'),
    user: undefined,
    dryRun: false,
    now: 0,
  } as const;
  const subject = readSubject(request, object, policy, view);
  const objects = checksOf(one).some((id) => {
    const check = checks.find((each) => each.id === id);
    if (!check?.kinds.includes(subject.groupKind)) return false;
    const configured = check.configure(paramsByRule[one.rule]?.[id] ?? {}, validate) as ConfiguredCheck;
    return Array.from(configured.evaluate(subject, view)).length > 0;
  });
  return objects ? 'fail' : 'pass';
}

function readObjects(path: string): readonly KubernetesObject[] {
  return parseAllDocuments(readFileSync(`${folder}/peers/${path}`, 'utf8'), { version: '1.1', merge: true })
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((object) => object !== null);
}
