import type { ClusterView } from './cluster-view.ts';
import { at, type Fields, fields, list, text } from './fields.ts';
import type { Match } from './label-selector.ts';
import { selectsNamespace } from './namespace-selector.ts';
import type { GroupKind, KubernetesObject } from './object.ts';

export const webhookConfigurationKinds: readonly GroupKind[] = [
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration',
  'admissionregistration.k8s.io/MutatingWebhookConfiguration',
];

/** One webhook of a configuration, with what API defaulting fills in. Source: admissionregistration/v1 defaults. */
export interface AdmissionWebhook {
  readonly name: string;
  /** JSON Pointer into the configuration. */
  readonly pointer: string;
  readonly failurePolicy: 'Fail' | 'Ignore';
  /** Seconds. */
  readonly timeout: number;
  /** The Service that is called; undefined for a URL. */
  readonly service: { readonly namespace: string; readonly name: string } | undefined;
  /** PEM, base64; empty where the authorities of the API server's machine are trusted. */
  readonly caBundle: string;
  readonly written: Fields;
}

export function readWebhooks(configuration: KubernetesObject): readonly AdmissionWebhook[] {
  return list(configuration['webhooks']).map((value, index) => {
    const written = fields(value);
    const { timeoutSeconds } = written;
    const service = fields(at(written, 'clientConfig', 'service'));
    const name = text(service['name']);
    const namespace = text(service['namespace']);
    return {
      name: text(written['name']) ?? '',
      pointer: `/webhooks/${index}`,
      failurePolicy: written['failurePolicy'] === 'Ignore' ? 'Ignore' : 'Fail',
      timeout: typeof timeoutSeconds === 'number' ? timeoutSeconds : 10,
      service: name === undefined || namespace === undefined ? undefined : { name, namespace },
      caBundle: text(at(written, 'clientConfig', 'caBundle')) ?? '',
      written,
    };
  });
}

/**
 * What the cluster cannot heal without: new pods, the leases of whoever leads, and what makes pods or describes them. The
 * first of these that a webhook can hold up.
 */
export type Vital = 'pods' | 'leases' | 'workloads';

/** What of it the webhook is asked about before it is made or changed, whatever the labels say. */
export function vitalOf({ written }: AdmissionWebhook): Vital | undefined {
  if (narrows(written['objectSelector'])) return undefined;
  const rules = list(written['rules'])
    .map(fields)
    .filter(({ scope }) => scope !== 'Cluster');
  if (rules.some((rule) => covers(rule, '', 'pods') && isOn(rule, 'CREATE'))) return 'pods';
  const changing = rules.filter((rule) => isOn(rule, 'CREATE') || isOn(rule, 'UPDATE'));
  if (changing.some((rule) => covers(rule, 'coordination.k8s.io', 'leases'))) return 'leases';
  return changing.some((rule) => workloads.some(([group, name]) => covers(rule, group, name)))
    ? 'workloads'
    : undefined;
}

const workloads = [
  ['apps', 'deployments'],
  ['apps', 'replicasets'],
  ['apps', 'daemonsets'],
  ['apps', 'statefulsets'],
  ['', 'pods'],
] as const;

/** `pods/*` is pods themselves too. Source: admission/plugin/webhook/predicates/rules Matcher. */
function covers({ apiGroups, resources }: Fields, group: string, resource: string): boolean {
  if (!list(apiGroups).some((one) => one === '*' || one === group)) return false;
  return list(resources).some((one) => one === '*' || one === '*/*' || one === resource || one === `${resource}/*`);
}

function isOn({ operations }: Fields, operation: 'CREATE' | 'UPDATE'): boolean {
  return list(operations).some((one) => one === '*' || one === operation);
}

/** A label that must be there makes it a matter of few objects; one that must not leaves nearly all. */
function narrows(selector: unknown): boolean {
  if (Object.keys(fields(at(selector, 'matchLabels'))).length > 0) return true;
  return list(at(selector, 'matchExpressions')).some((one) => ['In', 'Exists'].includes(String(at(one, 'operator'))));
}

/**
 * Whether it is asked about a namespace; `maybe` where that depends on labels of a Namespace that is not in the view, or on a
 * matchCondition: nobody evaluates CEL here.
 */
export function asksAbout({ written }: AdmissionWebhook, namespace: string, view: ClusterView): Match {
  const match = selectsNamespace(written['namespaceSelector'] ?? {}, namespace, view);
  return match === 'yes' && list(written['matchConditions']).length > 0 ? 'maybe' : match;
}
