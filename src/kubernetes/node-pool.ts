import { at, fields, list } from './fields.ts';
import type { NodeRequirement } from './node-affinity.ts';
import type { KubernetesObject } from './object.ts';

/**
 * Whether Karpenter could make a Node of this pool that meets the demands. Labels that every Node has, or that follow from
 * the machine it picks, are taken for possible: only labels of one's own must be written in the pool.
 */
export function poolMayFit(demands: readonly (readonly NodeRequirement[])[], pool: KubernetesObject): boolean {
  const labels = fields(at(pool, 'spec', 'template', 'metadata', 'labels'));
  const requirements = list(at(pool, 'spec', 'template', 'spec', 'requirements')).map(fields);
  return demands.some((demand) =>
    demand.every(({ key, operator, values, of }) => {
      if (of === 'name') return false;
      if (isWellKnown(key) || operator === 'NotIn' || operator === 'DoesNotExist') return true;
      const label = labels[key];
      if (typeof label === 'string') return operator !== 'In' || values.includes(label);
      return requirements.some((one) => one['key'] === key && allows(one, operator, values));
    }),
  );
}

function allows(requirement: Record<string, unknown>, operator: string, wanted: readonly string[]): boolean {
  if (requirement['operator'] !== 'In' || operator !== 'In') return requirement['operator'] !== 'DoesNotExist';
  return list(requirement['values']).some((value) => wanted.includes(String(value)));
}

function isWellKnown(key: string): boolean {
  return key !== 'kubernetes.io/hostname' && wellKnown.test(key);
}

/** `eks.amazonaws.com` describes the machine in EKS Auto Mode, and the driver of EBS repeats the zone. */
const wellKnown =
  /(^|\.)(kubernetes\.io|k8s\.io|karpenter\.sh|k8s\.aws|azure\.com|eks\.amazonaws\.com|ebs\.csi\.aws\.com)\//;
