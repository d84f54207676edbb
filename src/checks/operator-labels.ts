import { isAddedLater } from '../kubernetes/label-selector.ts';

/**
 * Keys of labels, or prefixes of keys that end in `/` or `-`, of pods that an operator makes without a template that a view holds:
 * databases, brokers, virtual machines, game servers, and the steps of pipelines.
 */
export const operatorLabels: readonly string[] = [
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

/** Whether a selector asks for labels that no template would show. */
export function isBeyondTemplates(keys: readonly string[], ignoreLabels: readonly string[]): boolean {
  return keys.some((key) => isAddedLater(key) || ignoreLabels.some((one) => isOneOf(one, key)));
}

function isOneOf(label: string, key: string): boolean {
  return /[/-]$/.test(label) ? key.startsWith(label) : key === label;
}
