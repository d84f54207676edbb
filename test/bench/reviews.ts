/** AdmissionReviews as an API server sends them for `kubectl apply` of a Deployment: defaults and managedFields filled in. */
export function deploymentReviews(count: number, extraBytes = 0): readonly string[] {
  return Array.from({ length: count }, (_, index) => JSON.stringify(review(index, extraBytes)));
}

function review(index: number, extraBytes: number): object {
  const name = `checkout-${index}`;
  return {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: `0f4e2a5c-7d1b-4f7e-9a53-${String(index).padStart(12, '0')}`,
      kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
      resource: { group: 'apps', version: 'v1', resource: 'deployments' },
      requestKind: { group: 'apps', version: 'v1', kind: 'Deployment' },
      requestResource: { group: 'apps', version: 'v1', resource: 'deployments' },
      name,
      namespace: `team-${index % 10}`,
      operation: 'CREATE',
      userInfo: { username: 'developer', groups: ['developers', 'system:authenticated'] },
      object: deployment(name, index, extraBytes),
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', fieldManager: 'kubectl-client-side-apply' },
    },
  };
}

function deployment(name: string, index: number, extraBytes: number): object {
  const labels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'shop' };
  const spec = {
    replicas: 1 + (index % 4),
    selector: { matchLabels: labels },
    template: { metadata: { creationTimestamp: null, labels }, spec: podSpec(name, index, extraBytes) },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
  };
  const written = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, labels }, spec };
  return {
    ...written,
    metadata: {
      name,
      namespace: `team-${index % 10}`,
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels,
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': `${JSON.stringify(written)}\n` },
      managedFields: [{ manager: 'kubectl', operation: 'Update', apiVersion: 'apps/v1', fieldsV1: fieldsOf(spec) }],
    },
    status: {},
  };
}

function podSpec(name: string, index: number, extraBytes: number): object {
  return {
    containers: [container('app', index, extraBytes), container('proxy', index, 0)],
    serviceAccountName: name,
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: { runAsNonRoot: true },
    schedulerName: 'default-scheduler',
  };
}

/** One in ten lacks a memory limit. */
function container(name: string, index: number, extraBytes: number): object {
  const probe = { httpGet: { path: '/ready', port: 'http', scheme: 'HTTP' }, timeoutSeconds: 1, periodSeconds: 10 };
  return {
    name,
    image: `registry.example/shop/${name}:1.${index % 40}.0`,
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    env: [
      { name: 'LOG_LEVEL', value: 'info' },
      { name: 'POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
      ...extraVariables(extraBytes),
    ],
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: index % 10 === 0 ? {} : { memory: '128Mi' } },
    readinessProbe: probe,
    livenessProbe: { ...probe, failureThreshold: 6 },
    imagePullPolicy: 'IfNotPresent',
    securityContext: { allowPrivilegeEscalation: false },
  };
}

/** About what a variable adds in all. */
const bytesAVariable = 240;

/** They stand in the object, in the last-applied annotation and, by name, in managedFields. */
function extraVariables(bytes: number): readonly object[] {
  return Array.from({ length: Math.floor(bytes / bytesAVariable) }, (_, at) => ({
    name: `FEATURE_${at}`,
    value: `https://config.example/features/${at}?stage=production`,
  }));
}

/** FieldsV1: an element of a list goes by its name, or by the value itself. */
function fieldsOf(value: unknown): object {
  if (Array.isArray(value)) return Object.fromEntries(value.map((item) => [elementKey(item), fieldsOf(item)]));
  if (typeof value !== 'object' || value === null) return {};
  const own = Object.entries(value).map(([key, inner]) => [`f:${key}`, fieldsOf(inner)] as const);
  return Object.fromEntries([['.', {}], ...own]);
}

function elementKey(item: unknown): string {
  const { name, containerPort } = item as { readonly name?: string; readonly containerPort?: number };
  return containerPort === undefined ? `k:${JSON.stringify({ name })}` : `k:${JSON.stringify({ containerPort })}`;
}
