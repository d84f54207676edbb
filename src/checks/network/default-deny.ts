import { baselinePolicies } from '../../kubernetes/baseline-policies.ts';
import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { dnsRule, dnsServers } from '../../kubernetes/dns-egress-rules.ts';
import type { PolicyFamily } from '../../kubernetes/isolation-policies.ts';
import { namedObject } from '../../kubernetes/named-objects.ts';
import { type Direction, type IsolationPolicy, isIsolated } from '../../kubernetes/network-isolation.ts';
import type { GroupKind } from '../../kubernetes/object.ts';
import { servedKinds } from '../../kubernetes/served-workloads.ts';
import { workloadKinds } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { openNetworkPolicy } from './open-network-policy.ts';
import { readScene, type Scene } from './scene.ts';

interface Params {
  /** Directions in which a namespace must be closed. */
  directions: Direction[];
  /** Kinds of policies that may close it. */
  accept: PolicyFamily[];
}

const policyKind: GroupKind = 'networking.k8s.io/NetworkPolicy';

export const defaultDeny = defineCheck<Params>({
  id: 'network/default-deny',
  title: 'Namespaces deny traffic by default',
  why: 'any pod of the cluster can reach these pods, and they can reach anything: one breach spreads everywhere',
  prevents: ['lateral movement from one compromised pod', 'a test client that writes to the production database'],
  remedy:
    'Add a NetworkPolicy that selects every pod ({}) for Ingress and Egress, one that lets DNS out, and one for each connection ' +
    'that the pods need. Policies of Cilium, Calico, Antrea and the cluster administrator count too. A namespace that must stay ' +
    'open carries the label daytwo.dev/network-exempt.',
  severity: 'high',
  kinds: ['core/Namespace', policyKind, ...workloadKinds],
  companions: {
    kinds: [policyKind, 'cilium.io/CiliumNetworkPolicy', 'crd.projectcalico.org/NetworkPolicy'],
    of: ['core/Namespace'],
  },
  reads: {
    'core/Namespace': 'some',
    [policyKind]: 'some',
    'cilium.io/CiliumNetworkPolicy': 'some',
    'cilium.io/CiliumClusterwideNetworkPolicy': 'some',
    'crd.projectcalico.org/NetworkPolicy': 'some',
    'crd.projectcalico.org/GlobalNetworkPolicy': 'some',
    'crd.antrea.io/ClusterNetworkPolicy': 'some',
    'policy.networking.k8s.io/ClusterNetworkPolicy': 'some',
    'policy.networking.k8s.io/AdminNetworkPolicy': 'some',
    'policy.networking.k8s.io/BaselineAdminNetworkPolicy': 'some',
    'core/Service': 'none',
    ...Object.fromEntries(servedKinds.map((kind) => [kind, 'none'])),
  },
  params: {
    schema: {
      type: 'object',
      properties: {
        directions: { type: 'array', items: { type: 'string', enum: ['ingress', 'egress'] }, minItems: 1 },
        accept: {
          type: 'array',
          items: { type: 'string', enum: ['networkpolicy', 'cilium', 'calico', 'antrea', 'anp', 'cnp'] },
        },
      },
      required: [],
      additionalProperties: false,
    },
    defaults: {
      directions: ['ingress', 'egress'],
      accept: ['networkpolicy', 'cilium', 'calico', 'antrea', 'anp', 'cnp'],
    },
  },
  *evaluate(subject, params, view) {
    const scene = readScene(subject, params.accept, view);
    if (scene === undefined) return;
    const isOpen = (direction: Direction): boolean => !isIsolated(scene.policies, direction);
    if (subject.groupKind === policyKind) {
      yield* openNetworkPolicy(subject.object, scene.namespace.name, params.directions.filter(isOpen), view);
      return;
    }
    for (const direction of params.directions) yield* describeOpener(subject, scene, direction);
    const missing = missingDirections(scene, params);
    if (missing.length > 0 && view.knows(policyKind) === 'all') yield describeMissing(subject, scene, missing, view);
  },
  /** Among a few files a policy that is found proves a pass; one that is not found proves nothing. */
  unknown(subject, params, view) {
    const scene = subject.groupKind === policyKind ? undefined : readScene(subject, params.accept, view);
    return scene !== undefined && missingDirections(scene, params).length > 0 ? policyKind : undefined;
  },
});

const harm: Readonly<Record<Direction, string>> = {
  ingress: 'any pod of the cluster can reach these pods, so a breach anywhere spreads to them',
  egress: 'these pods can reach anything, inside the cluster and outside, so a breach of them spreads everywhere',
};

function missingDirections({ policies, workloads }: Scene, { directions }: Params): readonly Direction[] {
  return directions.filter(
    (direction) =>
      !isIsolated(policies, direction) &&
      openerOf(policies, direction) === undefined &&
      (workloads.length === 0 || workloads.some(({ template }) => !isIsolated(policies, direction, template.labels))),
  );
}

function openerOf(policies: readonly IsolationPolicy[], direction: Direction): IsolationPolicy | undefined {
  if (isIsolated(policies, direction)) return undefined;
  return policies.find((one) => one[direction] === 'opens' && one.selects() === 'yes');
}

function* describeOpener(subject: CheckSubject, scene: Scene, direction: Direction): Iterable<Finding> {
  const opener = openerOf(scene.policies, direction);
  if (opener === undefined) return;
  yield {
    identity: `open/${direction}`,
    path: pathOf(subject),
    message: `${opener.name} allows all ${direction} in namespace "${scene.namespace.name}"`,
    why: harm[direction],
    fix: `Delete the rule of ${opener.name} that allows everything, or name its peers; other policies have no effect beside it`,
    atMost: subject.operation === 'CREATE' ? 'Warn' : 'Audit',
  };
}

function describeMissing(
  subject: CheckSubject,
  scene: Scene,
  missing: readonly Direction[],
  view: ClusterView,
): Finding {
  const { name } = scene.namespace;
  const known = subject.workload === undefined && scene.workloads.length > 0;
  return {
    identity: missing.join('+'),
    covers: missing,
    path: pathOf(subject),
    message: `no policy denies ${missing.join(' and ')} by default ${known ? `for ${openWorkloads(scene, missing)}` : `in namespace "${name}"`}`,
    ...(missing.length === 1 && { why: harm[missing[0] as Direction] }),
    fix: `Add these policies, and one for each connection that the pods need; all other traffic is cut:\n${baselinePolicies(name, missing, dnsRule(dnsServers(view)))}`,
    atMost: subject.operation === 'CREATE' ? 'Warn' : 'Audit',
    pending: true,
  };
}

function openWorkloads({ policies, workloads }: Scene, missing: readonly Direction[]): string {
  const open = workloads.filter(({ template }) => missing.some((one) => !isIsolated(policies, one, template.labels)));
  const names = open.map(namedObject);
  return names.length > 2 ? `${names[0]} and ${names.length - 1} more workloads` : names.join(' and ');
}

function pathOf({ groupKind }: CheckSubject): string {
  return groupKind === 'core/Namespace' ? '/metadata/name' : '/metadata/namespace';
}
