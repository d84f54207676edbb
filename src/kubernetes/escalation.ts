import { type AccessRule, allows, allowsEverything, allowsWriting, reachesEverything } from './access-rule.ts';

const rbac = 'rbac.authorization.k8s.io';
const admission = 'admissionregistration.k8s.io';

interface Way {
  readonly power: string;
  readonly found: (rule: AccessRule) => boolean;
  /** It leads there too by the name of a master alone. */
  readonly byMaster?: true;
}

/** Powers that lead to every other one, though their role does not say so. */
const ways: readonly Way[] = [
  {
    power: 'grant roles beyond its own',
    found: (rule) => anyOf(rule, rbac, roles, ['escalate', 'bind']),
    byMaster: true,
  },
  {
    power: 'act as others',
    found: (rule) => anyOf(rule, '', ['users', 'groups', 'serviceaccounts'], ['impersonate']),
    byMaster: true,
  },
  {
    power: 'make tokens of every ServiceAccount',
    found: (rule) => allows(rule, '', 'serviceaccounts/token', 'create'),
  },
  { power: 'run commands through nodes/proxy', found: (rule) => anyOf(rule, '', ['nodes/proxy'], ['get', 'create']) },
  { power: 'change webhook configurations', found: changesWebhooks },
];

/** The role that may do everything, and those to whom Kubernetes, kubeadm and OpenShift give it. */
const masters: ReadonlySet<string> = new Set([
  'cluster-admin',
  'system:masters',
  'system:admin',
  'system:cluster-admins',
  'kubeadm:cluster-admins',
  'kubernetes-admin',
]);

const roles = ['roles', 'clusterroles'] as const;
const webhooks = ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'] as const;
const csr = 'certificates.k8s.io';

/** What the rules let their holder do to whatever he likes: `everything`, or the first of the ways there; undefined for none. */
export function escalationOf(rules: readonly AccessRule[]): string | undefined {
  if (allowEverything(rules)) return everything;
  return (
    ways.find((way) => rules.some((rule) => isOpen(rule, way) && way.found(rule)))?.power ??
    (signsCertificates(rules) ? 'sign client certificates' : undefined)
  );
}

/** Rules add up: reading everything by one and writing everything by another is everything. */
function allowEverything(rules: readonly AccessRule[]): boolean {
  const [first, ...others] = rules.filter(reachesEverything);
  return first !== undefined && allowsEverything({ ...first, verbs: [first, ...others].flatMap(({ verbs }) => verbs) });
}

/** A rule for objects by name reaches just those, which is harmless unless one of them is a master. */
function isOpen({ resourceNames }: AccessRule, { byMaster }: Way): boolean {
  return resourceNames.length === 0 || (byMaster === true && resourceNames.some((name) => masters.has(name)));
}

export const everything = 'do everything';

function changesWebhooks(rule: AccessRule): boolean {
  return allowsWriting(rule) && webhooks.some((one) => rule.verbs.some((verb) => allows(rule, admission, one, verb)));
}

/** It takes both: the approval, and the right to approve for a signer, which is given by the signer's name. */
function signsCertificates(rules: readonly AccessRule[]): boolean {
  return (
    rules.some((rule) => anyOf(rule, csr, ['certificatesigningrequests/approval'], ['update', 'patch'])) &&
    rules.some((rule) => allows(rule, csr, 'signers', 'approve') && reachesClients(rule))
  );
}

function reachesClients({ resourceNames }: AccessRule): boolean {
  return (
    resourceNames.length === 0 ||
    resourceNames.some((name) => /^kubernetes\.io\/(\*|kube-apiserver-client$)/.test(name))
  );
}

function anyOf(rule: AccessRule, group: string, resources: readonly string[], verbs: readonly string[]): boolean {
  return resources.some((resource) => verbs.some((verb) => allows(rule, group, resource, verb)));
}
