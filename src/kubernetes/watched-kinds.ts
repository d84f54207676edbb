import type { GroupKind } from './object.ts';
import {
  keep,
  keepAnnotated,
  type Trim,
  trimBackendConfig,
  trimBudget,
  trimCronJob,
  trimDaemonSet,
  trimIngress,
  trimMonitor,
  trimNode,
  trimOwn,
  trimReplicaSet,
  trimReplicated,
  trimService,
  trimUncontrolled,
  trimVolume,
} from './trim.ts';

/** A kind that a cluster view holds, and how it is read from the API server. */
export interface WatchedKind {
  readonly groupKind: GroupKind;
  /** `apps/v1`, the best one first: the first that the cluster serves is read. */
  readonly apiVersions: readonly string[];
  /** The plural in the API's paths and in RBAC. */
  readonly resource: string;
  readonly namespaced: boolean;
  /** A custom resource, which many clusters lack. */
  readonly optional: boolean;
  readonly trim: Trim;
}

/**
 * Every kind that a check may name in `reads`, trimmed to what checks read: a large cluster must fit in a small pod. Secrets
 * and ConfigMaps are never among them: what is not held cannot leak.
 */
export const watchedKinds: ReadonlyMap<GroupKind, WatchedKind> = new Map(
  [
    cluster('core/Namespace', 'namespaces', keepAnnotated()),
    cluster('core/Node', 'nodes', trimNode),
    namespaced('core/LimitRange', 'limitranges', keep('spec')),
    namespaced('core/ResourceQuota', 'resourcequotas', keep('spec')),
    namespaced('core/Service', 'services', trimService),
    namespaced(
      'core/ServiceAccount',
      'serviceaccounts',
      keepAnnotated('automountServiceAccountToken', 'imagePullSecrets'),
    ),
    namespaced('core/PersistentVolumeClaim', 'persistentvolumeclaims', keepAnnotated('spec')),
    cluster('core/PersistentVolume', 'persistentvolumes', trimVolume),
    namespaced('core/ReplicationController', 'replicationcontrollers', trimUncontrolled),
    namespaced('apps/Deployment', 'deployments', trimReplicated),
    namespaced('apps/StatefulSet', 'statefulsets', trimReplicated),
    namespaced('apps/DaemonSet', 'daemonsets', trimDaemonSet),
    namespaced('apps/ReplicaSet', 'replicasets', trimReplicaSet),
    namespaced('batch/Job', 'jobs', trimUncontrolled),
    namespaced('batch/CronJob', 'cronjobs', trimCronJob),
    namespaced('policy/PodDisruptionBudget', 'poddisruptionbudgets', trimBudget),
    namespaced('autoscaling/HorizontalPodAutoscaler', 'horizontalpodautoscalers', keepAnnotated('spec'), 'v2'),
    namespaced('networking.k8s.io/Ingress', 'ingresses', trimIngress),
    cluster('networking.k8s.io/IngressClass', 'ingressclasses', keepAnnotated('spec')),
    namespaced('networking.k8s.io/NetworkPolicy', 'networkpolicies', keep('spec')),
    cluster('rbac.authorization.k8s.io/ClusterRole', 'clusterroles', keep('rules', 'aggregationRule')),
    cluster('rbac.authorization.k8s.io/ClusterRoleBinding', 'clusterrolebindings', keep('roleRef', 'subjects')),
    namespaced('rbac.authorization.k8s.io/RoleBinding', 'rolebindings', keep('roleRef', 'subjects')),
    cluster('scheduling.k8s.io/PriorityClass', 'priorityclasses', keep('value', 'globalDefault', 'preemptionPolicy')),
    cluster(
      'storage.k8s.io/StorageClass',
      'storageclasses',
      keepAnnotated('provisioner', 'parameters', 'reclaimPolicy', 'volumeBindingMode', 'allowedTopologies'),
    ),
    cluster('storage.k8s.io/CSINode', 'csinodes', keep('spec')),
    cluster('storage.k8s.io/CSIDriver', 'csidrivers', keep('spec')),
    custom(cluster('daytwo.dev/ReadinessPolicy', 'readinesspolicies', trimOwn, 'v1alpha1')),
    custom(namespaced('daytwo.dev/ReadinessExemption', 'readinessexemptions', trimOwn, 'v1alpha1')),
    cluster('apiregistration.k8s.io/APIService', 'apiservices', keep('spec', 'status')),
    custom(
      cluster(
        'snapshot.storage.k8s.io/VolumeSnapshotClass',
        'volumesnapshotclasses',
        keepAnnotated('driver'),
        'v1',
        'v1beta1',
      ),
    ),
    custom(cluster('karpenter.sh/NodePool', 'nodepools', keep('spec'), 'v1', 'v1beta1')),
    custom(
      namespaced('snapshot.storage.k8s.io/VolumeSnapshot', 'volumesnapshots', keep('spec', 'status'), 'v1', 'v1beta1'),
    ),
    custom(namespaced('velero.io/Schedule', 'schedules', keep('spec'))),
    custom(namespaced('postgresql.cnpg.io/ScheduledBackup', 'scheduledbackups', keep('spec'))),
    custom(
      namespaced('pxc.percona.com/PerconaXtraDBClusterBackup', 'perconaxtradbclusterbackups', keep('spec', 'status')),
    ),
    custom(namespaced('druid.gardener.cloud/Etcd', 'etcds', keep('spec'), 'v1alpha1')),
    custom(namespaced('monitoring.coreos.com/ServiceMonitor', 'servicemonitors', trimMonitor)),
    custom(namespaced('monitoring.coreos.com/PodMonitor', 'podmonitors', trimMonitor)),
    custom(namespaced('azmonitoring.coreos.com/ServiceMonitor', 'servicemonitors', trimMonitor)),
    custom(namespaced('azmonitoring.coreos.com/PodMonitor', 'podmonitors', trimMonitor)),
    custom(namespaced('monitoring.googleapis.com/PodMonitoring', 'podmonitorings', trimMonitor)),
    custom(cluster('monitoring.googleapis.com/ClusterPodMonitoring', 'clusterpodmonitorings', trimMonitor)),
    custom(namespaced('operator.victoriametrics.com/VMServiceScrape', 'vmservicescrapes', trimMonitor, 'v1beta1')),
    custom(namespaced('operator.victoriametrics.com/VMPodScrape', 'vmpodscrapes', trimMonitor, 'v1beta1')),
    custom(cluster('operator.tigera.io/Installation', 'installations', keep('spec'))),
    custom(namespaced('opentelemetry.io/Instrumentation', 'instrumentations', keep(), 'v1alpha1')),
    custom(namespaced('monitoring.coreos.com/Prometheus', 'prometheuses', keep('spec'))),
    custom(namespaced('monitoring.coreos.com/PrometheusAgent', 'prometheusagents', keep('spec'), 'v1alpha1')),
    custom(namespaced('argoproj.io/Rollout', 'rollouts', trimReplicated, 'v1alpha1')),
    custom(namespaced('apps.kruise.io/CloneSet', 'clonesets', trimReplicated, 'v1alpha1')),
    custom(namespaced('apps.openshift.io/DeploymentConfig', 'deploymentconfigs', trimReplicated)),
    custom(namespaced('keda.sh/ScaledObject', 'scaledobjects', keepAnnotated('spec'), 'v1alpha1')),
    custom(
      namespaced(
        'autoscaling.k8s.io/VerticalPodAutoscaler',
        'verticalpodautoscalers',
        keep('spec', 'status'),
        'v1',
        'v1beta2',
      ),
    ),
    custom(namespaced('cilium.io/CiliumNetworkPolicy', 'ciliumnetworkpolicies', keep('spec', 'specs'), 'v2')),
    custom(
      cluster(
        'cilium.io/CiliumClusterwideNetworkPolicy',
        'ciliumclusterwidenetworkpolicies',
        keep('spec', 'specs'),
        'v2',
      ),
    ),
    custom(namespaced('gateway.networking.k8s.io/HTTPRoute', 'httproutes', keep('spec'), 'v1', 'v1beta1')),
    custom(namespaced('gateway.networking.k8s.io/Gateway', 'gateways', keep('spec'), 'v1', 'v1beta1')),
    custom(namespaced('gateway.networking.k8s.io/ReferenceGrant', 'referencegrants', keep('spec'), 'v1', 'v1beta1')),
    custom(namespaced('cloud.google.com/BackendConfig', 'backendconfigs', trimBackendConfig, 'v1', 'v1beta1')),
    custom(namespaced('crd.projectcalico.org/NetworkPolicy', 'networkpolicies', keep('spec'))),
    custom(cluster('crd.projectcalico.org/GlobalNetworkPolicy', 'globalnetworkpolicies', keep('spec'))),
    custom(
      cluster('policy.networking.k8s.io/ClusterNetworkPolicy', 'clusternetworkpolicies', keep('spec'), 'v1alpha2'),
    ),
    custom(cluster('policy.networking.k8s.io/AdminNetworkPolicy', 'adminnetworkpolicies', keep('spec'), 'v1alpha1')),
    custom(
      cluster(
        'policy.networking.k8s.io/BaselineAdminNetworkPolicy',
        'baselineadminnetworkpolicies',
        keep('spec'),
        'v1alpha1',
      ),
    ),
    custom(
      cluster('crd.antrea.io/ClusterNetworkPolicy', 'clusternetworkpolicies', keep('spec'), 'v1beta1', 'v1alpha1'),
    ),
  ].map((kind) => [kind.groupKind, kind]),
);

function namespaced(groupKind: GroupKind, resource: string, trim: Trim, ...versions: readonly string[]): WatchedKind {
  return { ...cluster(groupKind, resource, trim, ...versions), namespaced: true };
}

/** @param versions `v1` where none is named */
function cluster(groupKind: GroupKind, resource: string, trim: Trim, ...versions: readonly string[]): WatchedKind {
  const group = groupKind.slice(0, groupKind.indexOf('/'));
  const apiVersions = (versions.length > 0 ? versions : ['v1']).map((version) =>
    group === 'core' ? version : `${group}/${version}`,
  );
  return { groupKind, apiVersions, resource, namespaced: false, optional: false, trim };
}

function custom(kind: WatchedKind): WatchedKind {
  return { ...kind, optional: true };
}
