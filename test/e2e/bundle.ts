import { container, defaultDeny, deployment, disruptionBudget, namespace, storageClass } from './objects.ts';

/** What one team applies together: objects that name, select or scale one another. */
export type BundleKind =
  | 'Namespace'
  | 'NetworkPolicy'
  | 'PodDisruptionBudget'
  | 'ServiceAccount'
  | 'ConfigMap'
  | 'StorageClass'
  | 'PersistentVolumeClaim'
  | 'PriorityClass'
  | 'Service'
  | 'Deployment'
  | 'HorizontalPodAutoscaler';

/** Nothing is wrong with it, and a PodDisruptionBudget is the one thing that can be left out without making another object wrong. */
export type Bundle = Readonly<Record<BundleKind, object>>;

const closed = { podSelector: {}, policyTypes: ['Ingress', 'Egress'] };
const toDns = {
  to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }],
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
};

/** @param space its namespace; objects of cluster scope have the same name */
export function bundleFor(space: string): Bundle {
  const here = (name: string): object => ({ name, namespace: space });
  return {
    Namespace: namespace(space, 'production'),
    NetworkPolicy: { ...defaultDeny(space), spec: { ...closed, egress: [toDns] } },
    PodDisruptionBudget: disruptionBudget(space, { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' }),
    ServiceAccount: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: here('checkout') },
    ConfigMap: { apiVersion: 'v1', kind: 'ConfigMap', metadata: here('settings'), data: { LEVEL: 'info' } },
    StorageClass: storageClass(space, { allowVolumeExpansion: true }),
    PersistentVolumeClaim: {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: here('data'),
      spec: { storageClassName: space, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
    PriorityClass: {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name: space },
      value: 1000,
      description: 'what customers wait for',
    },
    Service: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: here('checkout'),
      spec: { selector: { app: 'checkout' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
    },
    Deployment: deployment(space, 'checkout', { replicas: 3, template: templateFor(space) }),
    HorizontalPodAutoscaler: {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: here('checkout'),
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'checkout' },
        minReplicas: 3,
        maxReplicas: 6,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
        ],
      },
    },
  };
}

function templateFor(space: string): object {
  const labels = { app: 'checkout' };
  return {
    metadata: { labels },
    spec: {
      serviceAccountName: 'checkout',
      priorityClassName: space,
      topologySpreadConstraints: ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
        maxSkew: 1,
        topologyKey,
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: labels },
      })),
      containers: [
        container('app', {
          ports: [{ name: 'http', containerPort: 8080 }],
          readinessProbe: { httpGet: { path: '/ready', port: 'http' } },
          lifecycle: { preStop: { sleep: { seconds: 5 } } },
          envFrom: [{ configMapRef: { name: 'settings' } }],
        }),
      ],
    },
  };
}
