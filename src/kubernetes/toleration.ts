import { type Fields, fields, list } from './fields.ts';
import type { KubernetesObject } from './object.ts';

/** `spec.taints[]` of a Node. */
export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

export function taintsOf(node: KubernetesObject): readonly Taint[] {
  return list(fields(node['spec'])['taints'])
    .map(fields)
    .map(({ key, value, effect }) => ({ key: word(key), value: word(value), effect: word(effect) }));
}

/**
 * An empty key with `Exists` tolerates every key, an empty effect every effect, and a missing operator means `Equal`.
 * Source: core/v1 Toleration.ToleratesTaint.
 */
export function toleratesTaint(toleration: Fields, taint: Taint): boolean {
  const { key, value, effect, operator } = toleration;
  if (word(effect) !== '' && effect !== taint.effect) return false;
  if (word(key) !== '' && key !== taint.key) return false;
  if (operator === 'Exists') return true;
  return (word(operator) === '' || operator === 'Equal') && word(key) !== '' && word(value) === taint.value;
}

/** The tolerations of a pod's spec. */
export function tolerationsOf(spec: Fields): readonly Fields[] {
  return list(spec['tolerations']).map(fields);
}

/**
 * How many seconds a pod stays on a node that has the taint with effect NoExecute: the shortest of those that its
 * tolerations allow. Source: getMinTolerationTime of the taint eviction controller.
 * @returns 0 for a pod without such a toleration, Infinity where none of them ends
 */
export function tolerationSeconds(tolerations: readonly Fields[], key: string): number {
  const taint: Taint = { key, value: '', effect: 'NoExecute' };
  const using = tolerations.filter((one) => toleratesTaint(one, taint));
  const limits = using.map(({ tolerationSeconds: seconds }) =>
    typeof seconds === 'number' ? Math.max(0, seconds) : Infinity,
  );
  return limits.length === 0 ? 0 : Math.min(...limits);
}

/**
 * Whether the pods may be put on the node. What a condition of the moment taints (a cordon, NotReady, pressure, a node that is
 * coming up or going) does not count: it says nothing about where they belong.
 */
export function toleratesNode(tolerations: readonly Fields[], node: KubernetesObject): boolean {
  return taintsOf(node).every(
    (taint) =>
      taint.effect === 'PreferNoSchedule' ||
      momentary.test(taint.key) ||
      tolerations.some((one) => toleratesTaint(one, taint)),
  );
}

/** Sources: well-known taints, the cloud node controller, Karpenter, the cluster autoscaler, and the agents that a new node waits for. */
const momentary =
  /^(node\.kubernetes\.io\/|node\.cloudprovider\.kubernetes\.io\/|karpenter\.sh\/(disrupted|disruption|unregistered)$|ToBeDeletedByClusterAutoscaler$)|\/agent-not-ready$/;

function word(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
