import type { KubernetesObject } from '../../src/kubernetes/object.ts';

/** For one Deployment and the check of engine-kit, until the end of 2026. */
export function exemption(spec: object = {}, metadata: object = {}): KubernetesObject {
  return {
    apiVersion: 'daytwo.dev/v1alpha1',
    kind: 'ReadinessExemption',
    metadata: { name: 'legacy', namespace: 'shop', ...metadata },
    spec: {
      checks: ['compute/image-tag'],
      target: { kind: 'apps/Deployment', name: 'checkout' },
      reason: 'goes away with the move to the new shop',
      owner: 'team checkout',
      until: '2026-12-31',
      ...spec,
    },
  };
}

/** A day on which that exemption is active. */
export const november = Date.parse('2026-11-21T03:00:00Z');
