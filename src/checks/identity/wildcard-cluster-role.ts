import {
  type AccessRule,
  allowsEverything,
  allowsWriting,
  clusterRoleKind,
  readAccessRules,
  roleKind,
} from '../../kubernetes/access-rule.ts';
import { flowYaml } from '../../kubernetes/flow-yaml.ts';
import { isCustomGroup, type KubernetesObject, labelOf } from '../../kubernetes/object.ts';
import { defineCheck, type Finding } from '../check.ts';

interface Params {
  /** Whether `*` is fine as a verb where every group of the rule is a custom one: an operator on what is its own. */
  ownGroupsOK: boolean;
}

export const wildcardClusterRole = defineCheck<Params>({
  id: 'identity/wildcard-cluster-role',
  title: 'Roles name what they allow',
  why: 'a wildcard also allows what nobody thought of, and every resource that is installed later',
  prevents: [
    'a ServiceAccount that reads Secrets or runs commands in pods because its role said *',
    'a new custom resource that half the cluster may change on its first day',
  ],
  remedy:
    'Name the groups, resources and verbs that are used; `kubectl auth can-i --list --as=…` shows what a role comes to. An ' +
    'operator may say * of the groups that are its own.',
  severity: 'high',
  kinds: [clusterRoleKind, roleKind],
  reads: {},
  params: {
    schema: {
      type: 'object',
      properties: { ownGroupsOK: { type: 'boolean' } },
      required: [],
      additionalProperties: false,
    },
    defaults: { ownGroupsOK: true },
  },
  *evaluate({ object }, params) {
    if (isMadeByPlatform(object)) return;
    const seen = new Set<string>();
    for (const [index, rule] of readAccessRules(object).entries()) {
      const fault = faultOf(rule, params);
      if (fault === undefined) continue;
      const finding = describe(rule, fault, index);
      // Twice the same rule is one thing to mend.
      if (!seen.has(finding.identity)) yield finding;
      seen.add(finding.identity);
    }
  },
});

/** How far a rule reaches, by rank: whoever narrows one to a lesser reach adds nothing. */
const reaches = ['named', 'reading', 'writing', 'any-verb', 'everything'] as const;

interface Fault {
  readonly reach: (typeof reaches)[number];
  readonly field: 'verbs' | 'resources';
  readonly says: string;
  readonly why?: string;
  readonly severity: 'high' | 'medium' | 'low';
}

function faultOf(rule: AccessRule, { ownGroupsOK }: Params): Fault | undefined {
  const { apiGroups, resources, verbs, resourceNames } = rule;
  // A rule about URLs has none, and may not get any.
  if (resources.length === 0) return undefined;
  if (allowsEverything(rule)) return everything;
  if (ownGroupsOK && apiGroups.length > 0 && apiGroups.every(isCustomGroup)) return undefined;
  const anyVerb = verbs.includes('*');
  if (resourceNames.length > 0) return anyVerb ? anyVerbByName(rule) : undefined;
  const wide = resources.includes('*') && (apiGroups.includes('*') || apiGroups.includes(''));
  if (wide) return allowsWriting(rule) ? writesAll(rule) : readsAll(rule);
  if (anyVerb) return { reach: 'any-verb', field: 'verbs', ...weighAnyVerb(rule) };
  return resources.includes('*') && allowsWriting(rule)
    ? { reach: 'writing', field: 'resources', says: `writing to every resource of ${groupsOf(rule)}`, severity: 'low' }
    : undefined;
}

const everything: Fault = {
  reach: 'everything',
  field: 'resources',
  says: 'every verb on every resource of every group',
  why: 'that is cluster-admin under another name, and no list of administrators shows it',
  severity: 'high',
};

function anyVerbByName(rule: AccessRule): Fault {
  return {
    reach: 'named',
    field: 'verbs',
    says: `every verb on ${nameOf(rule)} named ${rule.resourceNames.join(', ').slice(0, 40)}`,
    why: 'that includes delete, and whatever verbs an extension adds',
    severity: 'low',
  };
}

function weighAnyVerb(rule: AccessRule): Pick<Fault, 'says' | 'why' | 'severity'> {
  const tender = tenderOf(rule);
  if (tender === undefined) return { says: `every verb on ${nameOf(rule)}`, severity: 'low' };
  return { says: `every verb on ${tender.says}`, why: tender.why, severity: 'medium' };
}

function writesAll(rule: AccessRule): Fault {
  return {
    reach: 'writing',
    field: 'resources',
    says: `writing to every resource of ${groupsOf(rule)}`,
    why: 'whoever may write to all of them may run any pod, as any ServiceAccount',
    severity: 'medium',
  };
}

function readsAll(rule: AccessRule): Fault | undefined {
  if (!rule.verbs.some((verb) => reading.has(verb))) return undefined;
  return {
    reach: 'reading',
    field: 'resources',
    says: `reading every resource of ${groupsOf(rule)}`,
    why: 'Secrets are among them: reading everything is having every password',
    severity: 'low',
  };
}

const rbac = 'rbac.authorization.k8s.io';
const rbacResources: ReadonlySet<string> = new Set([
  'roles',
  'clusterroles',
  'rolebindings',
  'clusterrolebindings',
  '*',
]);

interface Tender {
  readonly says: string;
  readonly why: string;
  readonly group: string;
}

const secrets: Tender = {
  says: 'secrets',
  why: 'it holds list and watch, which hand over every password at once',
  group: '',
};
const exec: Tender = { says: 'pods/exec', why: 'a shell in a pod is everything that the pod is and has', group: '' };
const access: Tender = {
  says: 'RBAC resources',
  why: 'it holds bind and escalate, with which one gives oneself any other right',
  group: rbac,
};

/** What of it is worth more than it looks. */
function tenderOf({ apiGroups, resources }: AccessRule): Tender | undefined {
  const has = (group: string): boolean => apiGroups.includes(group) || apiGroups.includes('*');
  if (has('') && resources.includes('secrets')) return secrets;
  if (has('') && (resources.includes('pods/exec') || resources.includes('*/exec'))) return exec;
  return has(rbac) && resources.some((one) => rbacResources.has(one)) ? access : undefined;
}

function describe(rule: AccessRule, { reach, field, says, why, severity }: Fault, index: number): Finding {
  const what = `${rule.apiGroups.map((one) => (one === '' ? 'core' : one)).join()}/${rule.resources.join()}`;
  return {
    identity: `${reach}/${what}`,
    covers: reaches.slice(0, reaches.indexOf(reach) + 1).map((lesser) => `${lesser}/${what}`),
    path: `/rules/${index}/${field}`,
    message: `allows ${says}`,
    ...(why !== undefined && { why }),
    fix: `Name what is used, for example:\nrules:\n  - ${flowYaml(example(rule))}`,
    severity,
  };
}

/** The same rule with names in it, as far as it has some. */
function example(rule: AccessRule): object {
  const { apiGroups, resources, resourceNames } = rule;
  if (resources.includes('*')) return { apiGroups: ['apps'], resources: ['deployments'], verbs: verbsFor(rule) };
  return {
    apiGroups: apiGroups.includes('*') ? [tenderOf(rule)?.group ?? '<group>'] : apiGroups,
    resources,
    resourceNames: resourceNames.length > 0 ? resourceNames : undefined,
    verbs: verbsFor(rule),
  };
}

function verbsFor(rule: AccessRule): readonly string[] {
  const { verbs, resourceNames } = rule;
  // By name nothing can be created, and a list takes the name as a field selector.
  if (resourceNames.length > 0) return ['get', 'update', 'patch'];
  if (verbs.every((verb) => reading.has(verb))) return verbs;
  if (tenderOf(rule) === secrets) return ['get', 'create', 'update', 'patch'];
  return ['get', 'list', 'watch', 'create', 'update', 'patch'];
}

const reading: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

function nameOf(rule: AccessRule): string {
  const { resources } = rule;
  if (resources.includes('*')) return `every resource of ${groupsOf(rule)}`;
  return resources.length > 2 ? `${resources[0]} and ${resources.length - 1} more` : resources.join(' and ');
}

function groupsOf({ apiGroups }: AccessRule): string {
  if (apiGroups.includes('*')) return 'every group';
  const [first = 'no group', ...others] = apiGroups.map((one) => (one === '' ? 'the core group' : one));
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

const own = /^(system:|(cluster-admin|admin|edit|view)$)/;

/** The API server restores its own roles at each start, and OLM those of its operators. A name alone proves nothing. */
function isMadeByPlatform(object: KubernetesObject): boolean {
  if (labelOf(object, 'olm.owner') !== undefined) return true;
  return labelOf(object, 'kubernetes.io/bootstrapping') === 'rbac-defaults' && own.test(object.metadata.name ?? '');
}
