import type { ClusterView } from './cluster-view.ts';
import { at, type Fields, fields, list, text } from './fields.ts';
import { matchesSelector } from './label-selector.ts';
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

/** What the cluster cannot heal without: new pods, what makes them, and the leases of whoever leads. */
const vital: ReadonlyMap<string, readonly string[]> = new Map([
  ['', ['pods', '*', '*/*']],
  ['apps', ['deployments', 'replicasets', 'daemonsets', 'statefulsets', '*', '*/*']],
  ['coordination.k8s.io', ['leases', '*', '*/*']],
  ['*', ['pods', 'deployments', 'replicasets', 'daemonsets', 'statefulsets', 'leases', '*', '*/*']],
]);

/** Whether it is asked before pods, what makes them, or leases are made or changed, whatever their labels say. */
export function guardsVital({ written }: AdmissionWebhook): boolean {
  if (narrows(written['objectSelector'])) return false;
  return list(written['rules']).some((rule) => {
    const { apiGroups, resources, operations } = fields(rule);
    if (!list(operations).some((one) => one === '*' || one === 'CREATE' || one === 'UPDATE')) return false;
    const names = new Set(list(apiGroups).flatMap((group) => vital.get(String(group)) ?? []));
    return list(resources).some((resource) => names.has(String(resource)));
  });
}

/** A label that must be there makes it a matter of few objects; one that must not leaves nearly all. */
function narrows(selector: unknown): boolean {
  if (Object.keys(fields(at(selector, 'matchLabels'))).length > 0) return true;
  return list(at(selector, 'matchExpressions')).some((one) => ['In', 'Exists'].includes(String(at(one, 'operator'))));
}

/**
 * Whether it is not asked about a namespace. What a matchCondition says in CEL is believed where it speaks of the namespace or
 * of who asks at all.
 */
export function sparesNamespace({ written }: AdmissionWebhook, namespace: string, view: ClusterView): boolean {
  const held = view.get('core/Namespace', undefined, namespace)?.metadata.labels;
  const labels = { ...held, 'kubernetes.io/metadata.name': namespace };
  const selector = written['namespaceSelector'];
  if (selector !== undefined && selector !== null && matchesSelector(selector, labels) === 'no') return true;
  return list(written['matchConditions']).some((one) =>
    /request\.namespace|namespaceObject|kube-system/.test(text(at(one, 'expression')) ?? ''),
  );
}
