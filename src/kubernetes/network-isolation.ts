import type { Match } from './label-selector.ts';

export type Direction = 'ingress' | 'egress';

export type Labels = Readonly<Record<string, string>>;

/** A Namespace as policies select it: its labels with the one that the API server adds to each. */
export interface NamespaceLabels {
  readonly name: string;
  readonly labels: Labels;
}

/** `isolates`: only what some policy allows gets through. `opens`: everything does, whatever the others say. */
export type Effect = 'none' | 'isolates' | 'opens';

/** Any policy that can close the pods of one namespace, reduced to what default-deny is about. */
export interface IsolationPolicy {
  /** As people call it: `NetworkPolicy default-deny`. */
  readonly name: string;
  /** `admin` is asked before NetworkPolicies and has the last word; `baseline` after them, where none selects the pod. */
  readonly rank: 'admin' | 'policy' | 'baseline';
  readonly ingress: Effect;
  readonly egress: Effect;
  /** Calico asks its own in this order, and NetworkPolicies at 1000; the last come those without one. */
  readonly order?: number;
  /** Whether it denies what it does not allow there and then, so that whoever is asked later has no say. */
  readonly denies?: (direction: Direction) => boolean;
  /** Whether it selects a pod with these labels; without labels, whether it selects every pod of the namespace. */
  readonly selects: (labels?: Labels) => Match;
}

/**
 * Whether traffic in this direction is denied unless allowed, for a pod with these labels or, without labels, for every
 * pod that may ever come into the namespace. Allow rules of NetworkPolicies add up: one that allows all undoes the rest.
 */
export function isIsolated(policies: readonly IsolationPolicy[], direction: Direction, labels?: Labels): boolean {
  const having = (effect: Effect): readonly IsolationPolicy[] => policies.filter((one) => one[direction] === effect);
  const isolating = having('isolates').filter((one) => one.selects(labels) !== 'no');
  if (isolating.some(({ rank }) => rank === 'admin')) return true;
  const opening = having('opens').filter((one) => one.selects(labels) === 'yes');
  if (isolating.length === 0 || opening.length === 0) return isolating.length > 0;
  return isolating.some(
    (one) => one.denies?.(direction) === true && opening.every((other) => orderOf(one) < orderOf(other)),
  );
}

function orderOf({ order = 1000 }: IsolationPolicy): number {
  return order;
}

/** The label that every Namespace has. */
export const namespaceName = 'kubernetes.io/metadata.name';

/** The labels by which policies find a namespace; the name is one of them, in files too. */
export function namespaceLabels(name: string, labels: Labels): NamespaceLabels {
  return { name, labels: { ...labels, [namespaceName]: name } };
}
