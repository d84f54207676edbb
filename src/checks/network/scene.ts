import { type ClusterView, unseenKind } from '../../kubernetes/cluster-view.ts';
import { fields } from '../../kubernetes/fields.ts';
import { isolationPolicies, type PolicyFamily } from '../../kubernetes/isolation-policies.ts';
import {
  type IsolationPolicy,
  type Labels,
  type NamespaceLabels,
  namespaceLabels,
} from '../../kubernetes/network-isolation.ts';
import { type KubernetesObject, labelOf } from '../../kubernetes/object.ts';
import { viewWith } from '../../kubernetes/revised-view.ts';
import { servedKinds } from '../../kubernetes/served-workloads.ts';
import { serviceKind } from '../../kubernetes/service.ts';
import { isNone } from '../../kubernetes/some.ts';
import { readWorkload, type Workload, workloadKinds } from '../../kubernetes/workload.ts';
import type { CheckSubject } from '../check.ts';

/** The pods that a subject speaks of, and what closes them. */
export interface Scene {
  readonly namespace: NamespaceLabels;
  readonly policies: readonly IsolationPolicy[];
  /** Of a Namespace those in it, of a workload itself, of a policy none; without those on the network of their node. */
  readonly workloads: readonly Workload[];
}

/** @returns undefined where there is nothing to close, or nobody wants it closed */
export function readScene(
  subject: CheckSubject,
  accept: readonly PolicyFamily[],
  view: ClusterView,
): Scene | undefined {
  const isNamespace = subject.groupKind === 'core/Namespace';
  const name = isNamespace ? subject.object.metadata.name : subject.namespace;
  if (name === undefined) return undefined;
  const found = isNamespace ? subject.object : view.get('core/Namespace', undefined, name);
  if (found !== undefined && isExempt(found)) return undefined;
  const workloads = isNamespace ? workloadsOf(name, view) : [subject.workload].filter((one) => one !== undefined);
  if (isNamespace ? isEmpty(subject, workloads, view) : !isEntering(subject)) return undefined;
  const pods = workloads.filter(({ template }) => template.spec['hostNetwork'] !== true);
  // Pods on the node's network are beyond every policy: where there are no others, nothing is left to close.
  if (workloads.length > 0 && pods.length === 0) return undefined;
  const namespace = namespaceLabels(name, fields(found?.metadata.labels) as Labels);
  const policies = isolationPolicies(viewWith(view, subject.object, subject.namespace), namespace, accept);
  return { namespace, policies, workloads: pods };
}

function isExempt(namespace: KubernetesObject): boolean {
  const label = labelOf(namespace, 'daytwo.dev/network-exempt');
  return label !== undefined && label !== 'false';
}

function workloadsOf(namespace: string, view: ClusterView): readonly Workload[] {
  const found: Workload[] = [];
  for (const kind of workloadKinds) {
    for (const object of view.list(kind, namespace)) {
      const workload = readWorkload(object, namespace);
      if (workload?.controller === undefined && workload !== undefined) found.push(workload);
    }
  }
  return found;
}

/**
 * An existing namespace without pods has nothing to protect; a new one will get some, and one that asks for policies gets them
 * before its pods. A Service stands for pods that an operator makes, which no view holds.
 */
function isEmpty(
  { object, operation, source }: CheckSubject,
  workloads: readonly Workload[],
  view: ClusterView,
): boolean {
  const exists = operation === 'UPDATE' || source === 'live';
  if (!exists || workloads.length > 0 || labelOf(object, 'daytwo.dev/generate') !== undefined) return false;
  if (!isNone(view.list(serviceKind, object.metadata.name))) return false;
  return unseenKind([...servedKinds, serviceKind], view) === undefined;
}

/** A workload is told once, when it comes; one that an operator makes has no author to tell. */
function isEntering({ groupKind, operation, workload }: CheckSubject): boolean {
  return (
    groupKind === 'networking.k8s.io/NetworkPolicy' || (operation === 'CREATE' && workload?.controller === undefined)
  );
}
