import type { CheckDefinition } from './check.ts';
import { isAddedLater } from '../kubernetes/label-selector.ts';

/**
 * Keys of labels, or prefixes of keys that end in `/` or `-`, of pods that an operator makes without a template that a view holds:
 * databases, brokers, virtual machines, game servers, and the steps of pipelines.
 */
const operatorLabels: readonly string[] = [
  'cnpg.io/',
  'strimzi.io/',
  'ray.io/',
  'jobset.sigs.k8s.io/',
  'serving.knative.dev/',
  'kubevirt.io/',
  'vm.kubevirt.io/',
  'agones.dev/',
  'spark-',
  'tekton.dev/',
  'workflows.argoproj.io/',
];

/** What a policy may say of such labels to the checks that look for what a selector selects. */
export interface IgnoreLabels {
  /** Keys of labels, or prefixes of keys that end in `/` or `-`, which pods get from something that has no template to look at. */
  ignoreLabels: string[];
}

export const ignoreLabelsParams: CheckDefinition<IgnoreLabels>['params'] = {
  schema: {
    type: 'object',
    properties: { ignoreLabels: { type: 'array', items: { type: 'string', minLength: 1 } } },
    required: [],
    additionalProperties: false,
  },
  defaults: { ignoreLabels: [...operatorLabels] },
};

/** Whether a selector asks for labels that no template would show. */
export function isBeyondTemplates(keys: readonly string[], ignoreLabels: readonly string[]): boolean {
  return keys.some((key) => isAddedLater(key) || ignoreLabels.some((one) => isOneOf(one, key)));
}

function isOneOf(label: string, key: string): boolean {
  return /[/-]$/.test(label) ? key.startsWith(label) : key === label;
}
