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

/** What our checks must be told to ask what a peer's rule asks. */
interface Asked {
  /** Its thresholds, or that it has none. */
  readonly params?: Readonly<Record<string, object>>;
  /** Our checks that ask it, where the case names others. */
  readonly checks?: readonly string[];
  /** What its cases name and leave out, since the rule looks at the object alone. */
  readonly named?: readonly KubernetesObject[];
  /** Of which object of ours it is asked, where not of the case's own: whether a policy closes its namespace. */
  readonly of?: (subject: KubernetesObject) => KubernetesObject;
  /** It holds for everyone, as ours do in production. */
  readonly tier?: 'production';
}

const cpuLimitRequired = { params: { 'compute/cpu-limit-policy': { policy: 'require' } } };
const everywhere = { params: { 'network/readiness-probe': { everywhere: true } } };
const requests = { checks: ['compute/hpa-requests'] };
const closed = { checks: ['network/default-deny'] };

/** By the beginning of the ids of its cases. */
const askedBy: Readonly<Record<string, Asked>> = {
  'polaris/missingpoddisruptionbudget': { params: { 'compute/pdb-required': { minReplicas: 1 } } },
  'polaris/topologyspreadconstraint': { params: { 'storage/topology-spread': { minReplicas: 1 } } },
  'gatekeeper/containerresources/': cpuLimitRequired,
  'polaris/cpulimitsmissing': cpuLimitRequired,
  'trivy/ksv-0011': cpuLimitRequired,
  'kyverno/other-require-cpu-limits': cpuLimitRequired,
  'gatekeeper/containerresourceratios': ratio(2),
  'kyverno/other-enforce-resources-as-ratio': ratio(2.5),
  'kyverno/other-memory-requests-equal-limits': ratio(1),
  'kyverno/best-practices-require-probes': everywhere,
  'kube-linter/no-readiness-probe': everywhere,
  'polaris/readinessprobemissing': everywhere,
  'kyverno/other-require-pod-priorityclassname': { named: [priorityClass('high'), priorityClass('foo')] },
  'kyverno/other-require-storageclass': {
    named: [storageClass('slow'), storageClass('my-storage-class'), headlessService('nginx')],
  },
  'polaris/hpaminavailability': {
    checks: ['compute/hpa-validity', 'compute/replicas'],
    named: [deployment('php-apache')],
  },
  'polaris/hpamax': { named: [deployment('php-apache')] },
  'popeye/isdefaultdenyall': { of: namespaceAround },
  'popeye/pop-1203': { of: namespaceAround },
  'keda/scaledobject-webhook/cpu-memory-triggers-no': requests,
  'keda/scaledobject-webhook/statefulset-no-memory-request': requests,
  'kube-score/pod-networkpolicy': closed,
  'kubescape/ingress-and-egress-blocked': closed,
  'wild/storage-stateful-workload': { tier: 'production' },
};

function ratio(memoryLimitToRequestMax: number): Asked {
  return { params: { 'compute/resource-overcommit-ratio': { memoryLimitToRequestMax, ignoreBelow: '0' } } };
}

function namespaceAround({ metadata }: KubernetesObject): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: metadata.namespace ?? 'default' } };
}

function priorityClass(name: string): KubernetesObject {
  return { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value: 1000 };
}

function storageClass(name: string): KubernetesObject {
  const rest = { provisioner: 'ebs.csi.aws.com', volumeBindingMode: 'WaitForFirstConsumer' };
  return { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name }, ...rest };
}

function headlessService(name: string): KubernetesObject {
  const metadata = { name, namespace: 'default' };
  return { apiVersion: 'v1', kind: 'Service', metadata, spec: { clusterIP: 'None', selector: { app: name } } };
}

function deployment(name: string): KubernetesObject {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'default' }, spec: { replicas: 2 } };
}

function askedOf({ id }: PeerCase): Asked {
  return Object.entries(askedBy).find(([prefix]) => id.startsWith(prefix))?.[1] ?? {};
}

const folder = process.env['DAYTWO_CASES'];
const explanations = readFileSync(new URL('../peers.md', import.meta.url), 'utf8');
const taking = new Set([...explanations.matchAll(/^## (\S+)$/gm)].map(([, id]) => id));
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

function checksOf(one: PeerCase): readonly string[] {
  const { our_checks: named, facets } = one;
  const asked = askedOf(one).checks;
  if (asked !== undefined) return asked;
  const meant = facets && new Set(facets.map((facet) => checksByFacet[facet] ?? facet));
  return named.filter((id) => taking.has(id) && (meant?.has(id) ?? true));
}

/** Every check that the case speaks of must be content. */
function verdictOf(one: PeerCase): 'pass' | 'fail' {
  const given = readObjects(one.input);
  const { kind, name, namespace } = one.subject;
  const judged = given.find(
    ({ kind: found, metadata }) =>
      found === kind && metadata.name === name && (namespace === undefined || metadata.namespace === namespace),
  );
  if (judged === undefined) throw new Error(`${one.input} lacks ${kind} ${name}`);
  const { params, named = [], tier, of: asked } = askedOf(one);
  const object = asked?.(judged) ?? judged;
  const view = new ObjectIndex('all', { major: 1, minor: 36 });
  for (const each of [...named, ...(one.context === undefined ? [] : readObjects(one.context)), ...given])
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
  const found = readSubject(request, object, policy, view);
  const subject = tier === undefined ? found : { ...found, tier };
  const objects = checksOf(one).some((id) => {
    const check = checks.find((each) => each.id === id);
    if (!check?.kinds.includes(subject.groupKind)) return false;
    const configured = check.configure(params?.[id] ?? {}, validate) as ConfiguredCheck;
    return Array.from(configured.evaluate(subject, view)).length > 0;
  });
  return objects ? 'fail' : 'pass';
}

function readObjects(path: string): readonly KubernetesObject[] {
  return parseAllDocuments(readFileSync(`${folder}/peers/${path}`, 'utf8'), { version: '1.1', merge: true })
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((object) => object !== null);
}
