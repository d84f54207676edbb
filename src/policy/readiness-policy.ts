import type { Action, OnLastDelete, Tier, WhenMissing } from '../checks/action.ts';

/** `apiVersion` of everything that an operator writes. */
export const policyApiVersion = 'daytwo.dev/v1alpha1';

/** What this organisation wants of the checklist. The same YAML is a file for the command line and a custom resource. */
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
  readonly whenMissing?: WhenMissing | Readonly<Partial<Record<Tier, WhenMissing>>>;
  readonly onLastDelete?: OnLastDelete | Readonly<Partial<Record<Tier, OnLastDelete>>>;
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
