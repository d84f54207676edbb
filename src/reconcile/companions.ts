import { dnsSpec, denySpec } from '../kubernetes/baseline-policies.ts';
import { budgetedKinds } from '../kubernetes/budgeted-workloads.ts';
import type { ClusterView } from '../kubernetes/cluster-view.ts';
import { companionBudget } from '../kubernetes/disruption-budget.ts';
import { dnsRule, dnsServers } from '../kubernetes/dns-egress-rules.ts';
import { isFields } from '../kubernetes/fields.ts';
import { matchesSelector } from '../kubernetes/label-selector.ts';
import { type GroupKind, groupKindOf, type KubernetesObject, labelOf } from '../kubernetes/object.ts';
import { revisedView } from '../kubernetes/revised-view.ts';
import { readWorkload, type Workload } from '../kubernetes/workload.ts';
import type { StandingFinding } from './standing-findings.ts';

/** What a namespace may opt in to, by `daytwo.dev/generate: pdb.networkpolicy`: a comma may not stand in a label. */
export type Generated = 'pdb' | 'networkpolicy';

export const optInLabel = 'daytwo.dev/generate';
const generatedLabel = 'daytwo.dev/generated';

const policyKind: GroupKind = 'networking.k8s.io/NetworkPolicy';
const denyName = 'daytwo-default-deny';
const dnsName = 'daytwo-allow-dns';

export function optedIn(namespace: KubernetesObject | undefined, to: Generated): boolean {
  const words = namespace === undefined ? undefined : labelOf(namespace, optInLabel)?.split(/[._]/);
  return words?.includes(to) ?? false;
}

/** Made by us: whoever takes the label off makes it his own. */
export function isGenerated(object: KubernetesObject): boolean {
  return labelOf(object, generatedLabel) === 'true';
}

/** Whether the finding is one that its rule lets us end. Deny too: where nothing comes in before, somebody has to begin. */
export function mayGenerate({ finding, carriedOver }: StandingFinding): boolean {
  if (carriedOver) return false;
  return finding.whenMissing === 'Create' || finding.whenMissing === 'Deny';
}

/**
 * The budget for a workload that lacks one; undefined where it would not be right: when its selector may select the pods of
 * another workload too, or when somebody else's budget has its name already.
 */
export function budgetFor(owner: KubernetesObject, namespace: string, view: ClusterView): KubernetesObject | undefined {
  const workload = readWorkload(owner, namespace);
  const { name = '', uid } = owner.metadata;
  if (workload === undefined || uid === undefined || !isFields(workload.selector)) return undefined;
  if (selectsOthers(workload, view)) return undefined;
  const metadata = { name: `${name}-day2`, namespace, labels: { [generatedLabel]: 'true' } };
  const held = view.get('policy/PodDisruptionBudget', namespace, metadata.name);
  if (held !== undefined && !isGenerated(held)) return undefined;
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { ...metadata, ownerReferences: [{ apiVersion: owner.apiVersion, kind: owner.kind, name, uid }] },
    spec: companionBudget(workload, workload.replicas ?? 1),
  };
}

function selectsOthers({ selector, groupKind, name, namespace }: Workload, view: ClusterView): boolean {
  for (const kind of budgetedKinds) {
    for (const object of view.list(kind, namespace)) {
      if (kind === groupKind && object.metadata.name === name) continue;
      const labels = readWorkload(object, namespace)?.template.labels ?? {};
      if (matchesSelector(selector, labels) !== 'no') return true;
    }
  }
  return false;
}

/**
 * Default-deny and DNS for a namespace; none where somebody has policies of his own already, which they would add to in ways that
 * he did not think of.
 */
export function policiesFor(namespace: string, view: ClusterView): readonly KubernetesObject[] {
  for (const policy of view.list(policyKind, namespace)) if (!isGenerated(policy)) return [];
  // Names first: at no moment shall it be closed without them.
  return [allowDns(namespace, view), networkPolicy(denyName, namespace, denySpec)];
}

/** The policy that lets DNS out, where ours still denies the rest and this one has gone. */
export function missingDns(namespace: string, view: ClusterView): KubernetesObject | undefined {
  const deny = view.get(policyKind, namespace, denyName);
  if (deny === undefined || deny.metadata.deletionTimestamp || !isGenerated(deny)) return undefined;
  return view.get(policyKind, namespace, dnsName) === undefined ? allowDns(namespace, view) : undefined;
}

export function isDefaultDeny({ metadata }: KubernetesObject): boolean {
  return metadata.name === denyName;
}

function allowDns(namespace: string, view: ClusterView): KubernetesObject {
  return networkPolicy(dnsName, namespace, dnsSpec(dnsRule(dnsServers(view))));
}

/** Milliseconds in which a new namespace is closed as a rule, so that what came in it came to a closed one or about then. */
const settled = 60_000;

/**
 * Why a namespace must not be closed, by what is kept in it: one that has no pods just now, at 0 replicas or between two Jobs or
 * two roll-outs, is not empty.
 */
export function riskToWorkloads(namespace: string, view: ClusterView, now: number): string | undefined {
  for (const kind of budgetedKinds) {
    for (const object of view.list(kind, namespace)) {
      const isSettled = Date.parse(object.metadata.creationTimestamp ?? '') < now - settled;
      if (isSettled && readWorkload(object, namespace)?.template.spec['hostNetwork'] !== true)
        return `${object.kind} ${object.metadata.name} has been there for more than a minute, and its traffic would be cut`;
    }
  }
  return undefined;
}

function networkPolicy(name: string, namespace: string, spec: object): KubernetesObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace, labels: { [generatedLabel]: 'true' } },
    spec,
  };
}

const generatedKinds: readonly GroupKind[] = ['policy/PodDisruptionBudget', policyKind];

/** Those of ours that stand in a namespace. */
export function generatedIn(namespace: string, view: ClusterView): readonly KubernetesObject[] {
  return generatedKinds
    .flatMap((kind) => [...view.list(kind, namespace)])
    .filter(isGenerated)
    .filter(({ metadata }) => !metadata.deletionTimestamp);
}

/** Without the companions that we made: what there would be if there were only the users' own. */
export function withoutGenerated(view: ClusterView, namespace: string): ClusterView {
  const ofUsers = (kind: GroupKind): readonly KubernetesObject[] =>
    [...view.list(kind, namespace)].filter((object) => !isGenerated(object));
  return revisedView(
    view,
    generatedKinds.map((kind) => ({ kind, namespace, objects: ofUsers(kind) })),
  );
}

/** The workload that a generated budget belongs to. */
export function isOwnedBy(budget: KubernetesObject, { object }: StandingFinding): boolean {
  return (
    budget.metadata.ownerReferences?.some(({ uid }) => uid === object.metadata.uid) === true &&
    groupKindOf(budget) === 'policy/PodDisruptionBudget'
  );
}
