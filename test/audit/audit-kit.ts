import type { Check } from '../../src/checks/check.ts';
import { parsePolicy } from '../../src/policy/parse-policy.ts';
import type { ActivePolicy } from '../../src/policy/active-policy.ts';
import { imageTagCheck as newImageTagCheck } from '../engine/engine-kit.ts';

/** Compute: every container whose image has no tag. */
export const imageTagCheck: Check = newImageTagCheck();

/** Network: a workload for which no PodDisruptionBudget of the same name exists; needs to know all of them. */
export const companionCheck: Check = newImageTagCheck({
  id: 'network/companion',
  title: 'Companions',
  why: 'a workload alone is cut off when the first node that carries it is drained in the night, and nobody is told',
  severity: 'medium',
  reads: { 'policy/PodDisruptionBudget': 'all' },
  allowAnnotation: 'daytwo.dev/allow-companion',
  *evaluate({ object, namespace }, _params, view) {
    const { name = '' } = object.metadata;
    if (view.get('policy/PodDisruptionBudget', namespace, name) !== undefined) return;
    yield {
      identity: 'companion',
      path: '/spec/companion',
      message: `no budget is named "${name}"`,
      fix: `Add one:\nkind: PodDisruptionBudget\nmetadata:\n  name: ${name}`,
      atMost: 'Warn',
      pending: true,
    };
  },
});

/** Storage: throws on every Job. */
export const faultyCheck: Check = newImageTagCheck({
  id: 'storage/faulty',
  title: 'Faulty',
  kinds: ['batch/Job'],
  // oxlint-disable-next-line require-yield -- it never gets that far
  *evaluate() {
    throw Object.assign(new TypeError('a defect'), { stack: 'TypeError: a defect\n    at evaluate (faulty.ts:3:7)' });
  },
});

/** Denies by every check. */
export function policyFor(checks: readonly Check[]): ActivePolicy {
  const value = {
    apiVersion: 'daytwo.dev/v1alpha1',
    kind: 'ReadinessPolicy',
    metadata: { name: 'test' },
    spec: { rules: checks.map(({ id }) => ({ check: id, action: 'Deny' })) },
  };
  return parsePolicy({ file: 'test.yaml', value, locate: () => undefined }, checks);
}
