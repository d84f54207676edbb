import {
  type AdmissionWebhook,
  asksAbout,
  readWebhooks,
  type Vital,
  vitalOf,
} from '../../kubernetes/admission-webhook.ts';
import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { fields, list } from '../../kubernetes/fields.ts';
import { flowYaml } from '../../kubernetes/flow-yaml.ts';
import { yamlBelow } from '../../kubernetes/json-pointer.ts';
import { type Match, matchesSelector } from '../../kubernetes/label-selector.ts';
import { namespaceName } from '../../kubernetes/network-isolation.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { shorten } from '../../kubernetes/shorten.ts';
import { servedWorkloads } from '../../kubernetes/served-workloads.ts';
import { readService, serviceKind } from '../../kubernetes/service.ts';
import type { Finding } from '../check.ts';

/** Where a webhook that fails closed must not be asked: what it waits for itself, and the cluster with it. */
export function* judgeReach(webhook: AdmissionWebhook, vital: Vital, view: ClusterView): Iterable<Finding> {
  const reached = namespacesOf(webhook).filter((namespace) => reaches(webhook, namespace, view) === 'yes');
  for (const namespace of reached) yield describeReach(webhook, namespace, vital, reached);
}

/** Whether it cannot be said of some webhook, for want of the labels of a Namespace. */
export function isReachUnknown(configuration: KubernetesObject, view: ClusterView): boolean {
  return readWebhooks(configuration).some(
    (webhook) =>
      webhook.failurePolicy === 'Fail' &&
      vitalOf(webhook) !== undefined &&
      list(webhook.written['matchConditions']).length === 0 &&
      namespacesOf(webhook).some((namespace) => reaches(webhook, namespace, view) === 'maybe'),
  );
}

function namespacesOf({ service }: AdmissionWebhook): readonly string[] {
  return service === undefined || service.namespace === 'kube-system'
    ? ['kube-system']
    : ['kube-system', service.namespace];
}

function reaches(webhook: AdmissionWebhook, namespace: string, view: ClusterView): Match {
  const asked = asksAbout(webhook, namespace, view);
  const selector = webhook.written['objectSelector'] ?? undefined;
  if (asked === 'no' || namespace === 'kube-system' || selector === undefined) return asked;
  return selectsOwnPods(selector, webhook, view) === 'yes' ? asked : 'no';
}

/** Some leave out their own pods by a label of those. */
function selectsOwnPods(selector: unknown, { service }: AdmissionWebhook, view: ClusterView): Match {
  const held = service && view.get(serviceKind, service.namespace, service.name);
  if (service === undefined || held === undefined) return 'maybe';
  const [own] = servedWorkloads(readService(held).selector, service.namespace, view);
  return own === undefined ? 'maybe' : matchesSelector(selector, own.workload.template.labels);
}

const harm: Readonly<Record<Vital, { readonly system: string; readonly own: string }>> = {
  pods: {
    system: 'while it is away neither DNS nor the network of new nodes can start, and nothing that would bring it back',
    own: 'while it is away its own pods cannot be made again, so it stays away',
  },
  leases: {
    system: 'while it is away no leader can renew its lease there, and the controllers of the cluster stop',
    own: 'while it is away its own leader cannot renew its lease, and may stop for good',
  },
  workloads: {
    system: 'while it is away nothing that runs there can be changed, not even what would bring it back',
    own: 'while it is away its own workload cannot be changed, not even to bring it back',
  },
};

/** @param reached all that should be left out: each of its findings shows the one entry that does */
function describeReach(
  { name, pointer, written }: AdmissionWebhook,
  namespace: string,
  vital: Vital,
  reached: readonly string[],
): Finding {
  const entry = `- ${flowYaml({ key: namespaceName, operator: 'NotIn', values: reached })}`;
  const selector = `namespaceSelector of webhook ${name}`;
  const { matchExpressions, ...others } = fields(written['namespaceSelector']);
  const place = Object.keys(others).length > 0 ? '/matchExpressions' : '/namespaceSelector/matchExpressions';
  return {
    identity: `webhook/${name}/${namespace}`,
    path: `${pointer}/namespaceSelector`,
    message: shorten(`webhook ${name} has failurePolicy Fail and covers namespace ${namespace}`, 120),
    why: namespace === 'kube-system' ? harm[vital].system : harm[vital].own,
    fix:
      list(matchExpressions).length > 0
        ? `Append to matchExpressions in ${selector}:\n${entry}`
        : `Exclude the namespace in ${selector}:\n${yamlBelow(place, entry)}`,
  };
}
