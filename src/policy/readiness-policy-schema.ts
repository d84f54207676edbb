import { actions, onLastDelete, tiers, whenMissing } from '../checks/action.ts';
import { labelSelectorSchema } from './label-selector-schema.ts';
import { policyApiVersion } from './readiness-policy.ts';

/** One word, or one by tier. */
function byTier(words: readonly string[]): object {
  const word = { type: 'string', enum: words };
  return {
    if: { type: 'object' },
    // oxlint-disable-next-line unicorn/no-thenable -- JSON Schema's own keyword
    then: {
      additionalProperties: false,
      minProperties: 1,
      properties: Object.fromEntries(tiers.map((tier) => [tier, word])),
    },
    else: word,
  };
}

const globs = { type: 'array', items: { type: 'string', minLength: 1 } };
const namespaceSelectorHolder = {
  type: 'object',
  additionalProperties: false,
  required: ['namespaceSelector'],
  properties: {
    namespaceSelector: { ...labelSelectorSchema, description: 'Which namespaces, by their labels.' },
  },
};

const matchSchema = {
  description: 'Which objects the rule is about: all that is given must hold. Without it, all that the check judges.',
  type: 'object',
  additionalProperties: false,
  properties: {
    namespaces: { ...globs, minItems: 1, description: 'Names or globs (team-*) of namespaces.' },
    excludeNamespaces: { ...globs, description: 'Names or globs of namespaces to leave out.' },
    namespaceSelector: { ...labelSelectorSchema, description: 'Labels of the namespace.' },
    objectSelector: {
      ...labelSelectorSchema,
      description:
        'Labels of the object itself. Its author sets them, so do not let less happen to an object for its labels.',
    },
    kinds: {
      description: 'Kinds with their group: apps/Deployment, core/Pod.',
      type: 'array',
      // Nothing is in an empty list, so the rule would be about nothing.
      minItems: 1,
      items: { type: 'string', pattern: '^[a-z0-9.-]+/[A-Za-z]+$' },
    },
  },
};

const ruleSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['check', 'action'],
  properties: {
    check: { description: 'Which check, by its id: compute/memory-limit. `daytwo checks` lists them.', type: 'string' },
    action: {
      description:
        "What follows from a finding: Deny refuses the request, Warn admits it with a warning, Audit records it, 'Off' (quoted, for YAML reads a bare Off as false) does not look. Either one action, or one by tier: {production: Deny, standard: Warn, sandbox: Audit}; a tier that is not named is Off.",
      ...byTier(actions),
    },
    params: {
      description: 'Settings of the check; docs/checks.md lists those of each check with their defaults.',
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
    },
    match: matchSchema,
    patch: {
      description:
        'Write the safe default into the object where the check can. It never starts a rollout. Default false.',
      type: 'boolean',
    },
    ratchet: {
      description: 'On an update, only warn of what was there before. Default true.',
      type: 'boolean',
    },
    onFault: {
      description: 'What happens to a request that the check fails to judge by a defect of daytwo. Default Allow.',
      type: 'string',
      enum: ['Allow', 'Deny'],
    },
    whenMissing: {
      description:
        'What follows when a companion (PodDisruptionBudget, NetworkPolicy) is not there yet: Warn (default) admits, warns, and calls it a violation after the grace period; Create also lets `daytwo controller` make it in namespaces labelled daytwo.dev/generate; Deny refuses to create the workload, for teams that apply companions first (Helm and Argo CD do, kustomize and Flux do not), and never answers a dry run. One word, or one by tier; a tier that is not named is Warn.',
      ...byTier(whenMissing),
    },
    onLastDelete: {
      description:
        'What follows when the last companion is deleted while something still needs it: Warn (default) or Deny. One word, or one by tier; a tier that is not named is Warn.',
      ...byTier(onLastDelete),
    },
  },
};

/**
 * JSON Schema of a ReadinessPolicy; params are judged by the schema of their check. The CustomResourceDefinition is made of
 * it, so its descriptions are what `kubectl explain` prints.
 */
export const readinessPolicySchema = {
  description:
    'What this organisation wants of the readiness checklist: for each check an action, its params and the objects it is about. All accepted policies of the cluster apply, in the order of their names; of several rules for a check the first that matches an object decides.',
  type: 'object',
  additionalProperties: false,
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  properties: {
    apiVersion: { const: policyApiVersion },
    kind: { const: 'ReadinessPolicy' },
    metadata: {
      type: 'object',
      required: ['name'],
      properties: { name: { type: 'string', minLength: 1 } },
    },
    spec: {
      description: 'What is wanted.',
      type: 'object',
      additionalProperties: false,
      required: ['rules'],
      properties: {
        tiers: {
          description:
            'How namespaces are sorted into tiers where their label daytwo.dev/tier does not say. Of several policies the first that sets a field decides.',
          type: 'object',
          additionalProperties: false,
          properties: {
            default: {
              description:
                'Tier of a namespace that nothing else decides, and of cluster-scoped objects. Default standard.',
              type: 'string',
              enum: tiers,
            },
            production: { ...namespaceSelectorHolder, description: 'Which namespaces are production.' },
            sandbox: { ...namespaceSelectorHolder, description: 'Which namespaces are sandbox.' },
          },
        },
        systemNamespaces: {
          ...globs,
          description:
            'Names or globs (team-infra-*) of namespaces in which nothing is refused or patched, besides those built in. The lists of all policies are united.',
        },
        operatorManagers: {
          ...globs,
          description:
            'Values of the label app.kubernetes.io/managed-by whose objects are never patched, since their operator would undo it. The lists of all policies are united.',
        },
        enforceUnknownOwners: {
          description:
            'Refuse also Pods that a controller of a kind unknown to daytwo makes; by default they only warn, since a refusal there is a failure that nobody sees. Of several policies the first that sets it decides.',
          type: 'boolean',
        },
        rules: {
          description:
            'What to do about each check. Of several rules for a check the first that matches an object decides.',
          type: 'array',
          items: ruleSchema,
        },
      },
    },
    status: {
      description: 'What daytwo makes of the policy. It writes this; do not.',
      type: 'object',
      properties: {
        accepted: { description: 'Whether requests are judged by it as it stands.', type: 'boolean' },
        message: { description: 'Why it is not accepted, a mistake a line, each with its field.', type: 'string' },
        rules: { description: 'How many rules of it are in force.', type: 'integer' },
        observedGeneration: { description: 'Which metadata.generation this speaks of.', type: 'integer' },
      },
    },
  },
} as const;
