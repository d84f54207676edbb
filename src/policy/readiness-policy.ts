import type { Action, Tier } from '../checks/action.ts';
import { actions, tiers } from '../checks/action.ts';

/** `apiVersion` of everything that an operator writes. */
export const policyApiVersion = 'daytwo.dev/v1alpha1';

/** What this organisation wants of the checklist. The same YAML is a file for the command line and, later, a custom resource. */
export interface ReadinessPolicy {
  readonly apiVersion: typeof policyApiVersion;
  readonly kind: 'ReadinessPolicy';
  readonly metadata: { readonly name: string };
  readonly spec: PolicySpec;
}

export interface PolicySpec {
  readonly tiers?: TierSettings;
  /** Names or globs (`team-infra-*`) of namespaces that are never denied or patched, besides those built in. */
  readonly systemNamespaces?: readonly string[];
  /** Values of `app.kubernetes.io/managed-by` whose objects are never patched: their operator would undo it for ever. */
  readonly operatorManagers?: readonly string[];
  /** Deny also Pods that a controller of a kind unknown to daytwo makes; they only warn by default, since a refusal there is an invisible FailedCreate. */
  readonly enforceUnknownOwners?: boolean;
  readonly rules: readonly Rule[];
}

export interface TierSettings {
  /** The tier of a namespace that nothing else decides, and of cluster-scoped objects. */
  readonly default?: Tier;
  readonly production?: { readonly namespaceSelector: object };
  readonly sandbox?: { readonly namespaceSelector: object };
}

/** One check and what to do about it. Of several rules for a check, the first that matches an object decides. */
export interface Rule {
  readonly check: string;
  readonly action: Action | Readonly<Partial<Record<Tier, Action>>>;
  readonly params?: object;
  readonly match?: Match;
  readonly patch?: boolean;
  readonly ratchet?: boolean;
  readonly onFault?: 'Allow' | 'Deny';
}

/** All that is given must hold. Names may be globs. */
export interface Match {
  readonly namespaces?: readonly string[];
  readonly excludeNamespaces?: readonly string[];
  readonly namespaceSelector?: object;
  readonly objectSelector?: object;
  /** `apps/Deployment`, `core/Pod` */
  readonly kinds?: readonly string[];
}

const actionSchema = { type: 'string', enum: actions };
const globs = { type: 'array', items: { type: 'string', minLength: 1 } };
const labelSelectorSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    matchLabels: { type: 'object', additionalProperties: { type: 'string' } },
    matchExpressions: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['key', 'operator'],
        properties: {
          key: { type: 'string' },
          operator: { type: 'string', enum: ['In', 'NotIn', 'Exists', 'DoesNotExist'] },
          values: { type: 'array', items: { type: 'string' } },
        },
      },
    },
  },
};
const namespaceSelectorHolder = {
  type: 'object',
  additionalProperties: false,
  required: ['namespaceSelector'],
  properties: { namespaceSelector: labelSelectorSchema },
};

/** JSON Schema of a ReadinessPolicy; params are judged by the schema of their check. */
export const readinessPolicySchema = {
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
      type: 'object',
      additionalProperties: false,
      required: ['rules'],
      properties: {
        tiers: {
          type: 'object',
          additionalProperties: false,
          properties: {
            default: { type: 'string', enum: tiers },
            production: namespaceSelectorHolder,
            sandbox: namespaceSelectorHolder,
          },
        },
        systemNamespaces: globs,
        operatorManagers: globs,
        enforceUnknownOwners: { type: 'boolean' },
        rules: {
          type: 'array',
          items: {
            type: 'object',
            additionalProperties: false,
            required: ['check', 'action'],
            properties: {
              check: { type: 'string' },
              action: {
                if: { type: 'object' },
                // oxlint-disable-next-line unicorn/no-thenable -- JSON Schema's own keyword
                then: {
                  additionalProperties: false,
                  minProperties: 1,
                  properties: Object.fromEntries(tiers.map((tier) => [tier, actionSchema])),
                },
                else: actionSchema,
              },
              params: { type: 'object' },
              match: {
                type: 'object',
                additionalProperties: false,
                properties: {
                  namespaces: globs,
                  excludeNamespaces: globs,
                  namespaceSelector: labelSelectorSchema,
                  objectSelector: labelSelectorSchema,
                  kinds: { type: 'array', items: { type: 'string', pattern: '^[a-z0-9.-]+/[A-Za-z]+$' } },
                },
              },
              patch: { type: 'boolean' },
              ratchet: { type: 'boolean' },
              onFault: { type: 'string', enum: ['Allow', 'Deny'] },
            },
          },
        },
      },
    },
  },
} as const;
