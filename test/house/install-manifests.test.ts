import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Check } from '../../src/checks/check.ts';
import { checks } from '../../src/checks/index.ts';
import { watchedKinds } from '../../src/kubernetes/watched-kinds.ts';
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

function only(kind: string): Manifest {
  const [found, ...more] = manifests.filter((manifest) => manifest.kind === kind);
  if (found === undefined || more.length > 0) throw new Error(`one ${kind} is expected`);
  return found;
}

test('daytwo may read just what its checks read', () => {
  const read = new Set(['core/Namespace', ...checks.flatMap(({ reads }) => Object.keys(reads))]);
  const needed = [...watchedKinds.values()].filter(({ groupKind }) => read.has(groupKind));
  const watching = only('ClusterRole').rules.filter(({ verbs }) => verbs.includes('watch'));
  expect(grants(watching)).toEqual(
    needed.map(({ groupKind, resource }) => `${groupOf(groupKind)}/${resource}`).toSorted(),
  );
});

describe.each([
  ['ValidatingWebhookConfiguration', () => true],
  ['MutatingWebhookConfiguration', (check: Check) => check.canPatch],
] as const)('the %s', (kind, concerns) => {
  const rules = only(kind).webhooks.flatMap((webhook) => webhook.rules);
  const asked = checks.filter(concerns);

  test('asks about just the kinds that checks judge', () => {
    const judged = asked.flatMap(({ kinds }) => kinds.map((one) => `${groupOf(one)}/${pluralOf(one)}`));
    const subresources = kind.startsWith('V') ? asked.flatMap((check) => check.subresources ?? []) : [];
    const wanted = new Set([...judged, ...subresources.map((name) => `/pods/${name}`)]);
    expect(grants(rules)).toEqual([...wanted].toSorted());
  });

  test('never asks when something is deleted', () => {
    expect(new Set(rules.flatMap(({ operations }) => operations))).toEqual(new Set(['CREATE', 'UPDATE']));
  });
});

test('everything of ours stands in our namespace', () => {
  expect(new Set(manifests.map(({ metadata }) => metadata.namespace))).toEqual(new Set([undefined, 'daytwo-system']));
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
