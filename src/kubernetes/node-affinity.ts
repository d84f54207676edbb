import { at, type Fields, fields, list } from './fields.ts';
import type { KubernetesObject } from './object.ts';

/** `{key, operator, values}` of a node selector term, over labels or over the name of the Node. */
export interface NodeRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
  readonly of: 'label' | 'name';
}

/**
 * What a pod's spec demands of its node: one of the alternatives, each a list of requirements that must all hold. The
 * `nodeSelector` is part of each. Preferences demand nothing.
 */
export function nodeDemands(spec: Fields): readonly (readonly NodeRequirement[])[] {
  const selector = Object.entries(fields(spec['nodeSelector'])).map(
    ([key, value]): NodeRequirement => ({ key, operator: 'In', values: [String(value)], of: 'label' }),
  );
  const required = at(spec, 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution');
  if (required === undefined || required === null) return [selector];
  // A term without requirements selects no node: it is no alternative.
  return list(at(required, 'nodeSelectorTerms'))
    .map(readTerm)
    .filter((term) => term.length > 0)
    .map((term) => selector.concat(term));
}

/** Whether the node is one that the pod's spec asks for; taints are another matter. */
export function fitsNode(demands: readonly (readonly NodeRequirement[])[], node: KubernetesObject): boolean {
  return demands.some((demand) => demand.every((one) => meets(one, node)));
}

function readTerm(term: unknown): readonly NodeRequirement[] {
  return [
    ...list(at(term, 'matchExpressions')).map((one) => readRequirement(one, 'label')),
    ...list(at(term, 'matchFields')).map((one) => readRequirement(one, 'name')),
  ];
}

function readRequirement(value: unknown, of: NodeRequirement['of']): NodeRequirement {
  const { key, operator, values } = fields(value);
  return { key: String(key), operator: String(operator), values: list(values).map(String), of };
}

/** Unlike in a label selector there are Gt and Lt, over whole numbers. Source: component-helpers nodeaffinity. */
function meets({ key, operator, values, of }: NodeRequirement, { metadata }: KubernetesObject): boolean {
  const found = of === 'name' ? metadata.name : fields(metadata.labels)[key];
  switch (operator) {
    case 'In':
      return typeof found === 'string' && values.includes(found);
    case 'NotIn':
      return typeof found !== 'string' || !values.includes(found);
    case 'Exists':
      return found !== undefined;
    case 'DoesNotExist':
      return found === undefined;
    case 'Gt':
      return compare(found, values[0]) > 0;
    case 'Lt':
      return compare(found, values[0]) < 0;
    default:
      return false;
  }
}

/** @returns NaN, which is neither more nor less, for what is no whole number */
function compare(found: unknown, bound: string | undefined): number {
  return /^-?\d+$/.test(String(found)) && /^-?\d+$/.test(String(bound)) ? Number(found) - Number(bound) : Number.NaN;
}
