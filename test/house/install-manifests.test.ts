import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Check } from '../../src/checks/check.ts';
import { checks } from '../../src/checks/index.ts';
import { kindsToHold } from '../../src/commands/kinds-to-hold.ts';
import { ownKinds } from '../../src/policy/own-kinds.ts';
import { repository } from './source-files.ts';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly operations: readonly string[];
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules: readonly Rule[];
  readonly webhooks: readonly { readonly rules: readonly Rule[] }[];
}

const manifests = globSync('manifests/install/*.yaml', { cwd: repository })
  .toSorted()
  .flatMap((path) => parseAllDocuments(readFileSync(join(repository, path), 'utf8')))
  .map((document) => document.toJS() as Manifest);

function only(kind: string, name = 'daytwo'): Manifest {
  const [found, ...more] = manifests.filter((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  if (found === undefined || more.length > 0) throw new Error(`one ${kind} is expected`);
  return found;
}

test('daytwo may read just what its checks read', () => {
  const watching = only('ClusterRole').rules.filter(({ verbs }) => verbs.includes('watch'));
  expect(grants(watching)).toEqual(
    kindsToHold()
      .map(({ groupKind, resource }) => `${groupOf(groupKind)}/${resource}`)
      .toSorted(),
  );
});

describe.each([
  ['ValidatingWebhookConfiguration', () => true],
  ['MutatingWebhookConfiguration', (check: Check) => check.canPatch],
] as const)('the %s', (kind, concerns) => {
  const all = only(kind).webhooks.flatMap((webhook) => webhook.rules);
  const rules = all.filter(({ operations }) => !operations.includes('DELETE'));
  const asked = checks.filter((check) => concerns(check) && check.sources.includes('admission'));

  test('asks about just the kinds that checks judge, and about what daytwo is told by', () => {
    const told = kind.startsWith('V') ? ownKinds : [];
    const judged = [...asked.flatMap(({ kinds }) => kinds), ...told].map((one) => `${groupOf(one)}/${pluralOf(one)}`);
    const subresources = kind.startsWith('V') ? asked.flatMap((check) => check.subresources) : [];
    const wanted = new Set([...judged, ...subresources.map((name) => `/pods/${name}`)]);
    expect(grants(rules)).toEqual([...wanted].toSorted());
  });

  test('asks about a deletion only where it may be of the last companion', () => {
    expect(new Set(rules.flatMap(({ operations }) => operations))).toEqual(new Set(['CREATE', 'UPDATE']));
    const deletions = all.filter(({ operations }) => operations.includes('DELETE'));
    const companions = ['networking.k8s.io/networkpolicies', 'policy/poddisruptionbudgets'];
    expect(grants(deletions)).toEqual(kind.startsWith('V') ? companions : []);
  });
});

test('everything of ours stands in our namespace', () => {
  expect(new Set(manifests.map(({ metadata }) => metadata.namespace))).toEqual(new Set([undefined, 'daytwo-system']));
});

test('who may edit workloads may not exempt them', () => {
  const roles = manifests.filter(
    ({ kind, rules }) => kind === 'ClusterRole' && JSON.stringify(rules).includes('"create"'),
  );
  for (const { metadata } of roles) expect(JSON.stringify(metadata)).not.toContain('aggregate-to');
});

function grants(rules: readonly Rule[]): readonly string[] {
  return rules
    .flatMap(({ apiGroups, resources }) => apiGroups.flatMap((group) => resources.map((one) => `${group}/${one}`)))
    .toSorted();
}

function groupOf(groupKind: string): string {
  const group = groupKind.slice(0, groupKind.indexOf('/'));
  return group === 'core' ? '' : group;
}

/** As the API forms the plurals of its own kinds. */
function pluralOf(groupKind: string): string {
  const kind = groupKind.slice(groupKind.indexOf('/') + 1).toLowerCase();
  if (kind.endsWith('s')) return `${kind}es`;
  return kind.endsWith('y') ? `${kind.slice(0, -1)}ies` : `${kind}s`;
}
