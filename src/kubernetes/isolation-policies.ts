import { readAdminNetworkPolicy } from './admin-network-policy.ts';
import { readAntreaPolicy } from './antrea-policy.ts';
import { readCalicoPolicy } from './calico-policy.ts';
import { readCiliumPolicy } from './cilium-policy.ts';
import type { ClusterView } from './cluster-view.ts';
import type { IsolationPolicy, NamespaceLabels } from './network-isolation.ts';
import { readNetworkPolicy } from './network-policy.ts';
import type { GroupKind, KubernetesObject } from './object.ts';

/** Who may close a namespace: the API's own policies, those of a CNI, or the administrators' (`anp`, and its successor `cnp`). */
export type PolicyFamily = 'networkpolicy' | 'cilium' | 'calico' | 'antrea' | 'anp' | 'cnp';

interface PolicyKind {
  readonly family: PolicyFamily;
  readonly kind: GroupKind;
  readonly namespaced: boolean;
  readonly read: (policy: KubernetesObject, namespace: NamespaceLabels) => IsolationPolicy | readonly IsolationPolicy[];
}

/** Both groups of Calico hold the same objects: the one as people write them, the other as they are stored. */
const policyKinds: readonly PolicyKind[] = [
  { family: 'networkpolicy', kind: 'networking.k8s.io/NetworkPolicy', namespaced: true, read: readNetworkPolicy },
  { family: 'cilium', kind: 'cilium.io/CiliumNetworkPolicy', namespaced: true, read: readCiliumPolicy },
  { family: 'cilium', kind: 'cilium.io/CiliumClusterwideNetworkPolicy', namespaced: false, read: readCiliumPolicy },
  { family: 'calico', kind: 'crd.projectcalico.org/NetworkPolicy', namespaced: true, read: readCalicoPolicy },
  { family: 'calico', kind: 'projectcalico.org/NetworkPolicy', namespaced: true, read: readCalicoPolicy },
  { family: 'calico', kind: 'crd.projectcalico.org/GlobalNetworkPolicy', namespaced: false, read: readCalicoPolicy },
  { family: 'calico', kind: 'projectcalico.org/GlobalNetworkPolicy', namespaced: false, read: readCalicoPolicy },
  { family: 'antrea', kind: 'crd.antrea.io/ClusterNetworkPolicy', namespaced: false, read: readAntreaPolicy },
  {
    family: 'anp',
    kind: 'policy.networking.k8s.io/AdminNetworkPolicy',
    namespaced: false,
    read: readAdminNetworkPolicy,
  },
  {
    family: 'anp',
    kind: 'policy.networking.k8s.io/BaselineAdminNetworkPolicy',
    namespaced: false,
    read: readAdminNetworkPolicy,
  },
  {
    family: 'cnp',
    kind: 'policy.networking.k8s.io/ClusterNetworkPolicy',
    namespaced: false,
    read: readAdminNetworkPolicy,
  },
];

/** Every policy of these families that may touch the pods of a namespace. */
export function isolationPolicies(
  view: ClusterView,
  namespace: NamespaceLabels,
  families: readonly PolicyFamily[],
): readonly IsolationPolicy[] {
  const policies: IsolationPolicy[] = [];
  for (const { family, kind, namespaced, read } of policyKinds) {
    if (!families.includes(family)) continue;
    for (const policy of view.list(kind, namespaced ? namespace.name : undefined))
      policies.push(...[read(policy, namespace)].flat());
  }
  return policies;
}
