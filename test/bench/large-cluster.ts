import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A stand-in for the API server of a large cluster: pages of objects as big as real ones, and watches in which nothing happens. */
const sizes = {
  namespaces: 10_000,
  networkpolicies: 20_000,
  poddisruptionbudgets: 10_000,
  deployments: 20_000,
  nodes: 1_000,
};

const kinds: Readonly<
  Record<string, { readonly list: string; readonly apiVersion: string; readonly make: (n: number) => object }>
> = {
  namespaces: { list: 'NamespaceList', apiVersion: 'v1', make: namespace },
  nodes: { list: 'NodeList', apiVersion: 'v1', make: node },
  networkpolicies: { list: 'NetworkPolicyList', apiVersion: 'networking.k8s.io/v1', make: networkPolicy },
  poddisruptionbudgets: { list: 'PodDisruptionBudgetList', apiVersion: 'policy/v1', make: budget },
  deployments: { list: 'DeploymentList', apiVersion: 'apps/v1', make: deployment },
};

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '', 'http://large-cluster');
  if (url.pathname === '/version') return void response.end('{"major":"1","minor":"36"}');
  if (url.pathname === '/apis') return void response.end('{"kind":"APIGroupList","groups":[]}');
  if (url.searchParams.has('watch')) return response.flushHeaders();
  return answerPage(url, response);
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));

function answerPage(url: URL, response: ServerResponse): void {
  const resource = url.pathname.split('/').at(-1) ?? '';
  const { list, apiVersion, make } = kinds[resource] ?? { list: 'List', apiVersion: 'v1', make: namespace };
  const total = sizes[resource as keyof typeof sizes] ?? 0;
  const start = Number(url.searchParams.get('continue') ?? 0);
  const end = Math.min(total, start + Number(url.searchParams.get('limit')));
  const items = Array.from({ length: end - start }, (_, i) => make(start + i));
  const metadata = { resourceVersion: '1000000', ...(end < total && { continue: String(end) }) };
  response.end(JSON.stringify({ kind: list, apiVersion, metadata, items }));
}

function namespace(n: number): object {
  const labels = {
    'kubernetes.io/metadata.name': `team-${n}`,
    env: n % 2 === 0 ? 'production' : 'dev',
    team: `t-${n % 300}`,
  };
  return {
    metadata: meta(`team-${n}`, undefined, n, labels),
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  };
}

function node(n: number): object {
  const labels = Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`example.com/label-${i}`, `value-${n}`]));
  const images = Array.from({ length: 50 }, (_, i) => ({
    names: [`registry.example/app-${i}@sha256:${'a'.repeat(64)}`],
    sizeBytes: 1e8,
  }));
  const allocatable = { cpu: '7910m', memory: '30Gi', pods: '110' };
  return {
    metadata: meta(`node-${n}`, undefined, n, { ...labels, 'topology.kubernetes.io/zone': `zone-${n % 3}` }),
    spec: { providerID: `aws:///zone-${n % 3}/i-${n}` },
    status: { allocatable, capacity: allocatable, images, conditions: conditions(5) },
  };
}

function networkPolicy(n: number): object {
  const spec =
    n % 2 === 0
      ? { podSelector: {}, policyTypes: ['Ingress', 'Egress'] }
      : {
          podSelector: { matchLabels: { 'app.kubernetes.io/name': `service-${n}` } },
          policyTypes: ['Ingress'],
          ingress: [
            {
              from: [{ podSelector: { matchLabels: { role: 'frontend' } } }],
              ports: [{ protocol: 'TCP', port: 8080 }],
            },
          ],
        };
  return { metadata: meta(`policy-${n}`, n, n), spec };
}

function budget(n: number): object {
  const spec = { maxUnavailable: 1, selector: { matchLabels: { 'app.kubernetes.io/name': `service-${n}` } } };
  const status = {
    currentHealthy: 3,
    desiredHealthy: 2,
    disruptionsAllowed: 1,
    expectedPods: 3,
    conditions: conditions(1),
  };
  return { metadata: meta(`service-${n}`, n, n), spec, status };
}

function deployment(n: number): object {
  const labels = {
    'app.kubernetes.io/name': `service-${n}`,
    'app.kubernetes.io/part-of': 'shop',
    team: `t-${n % 300}`,
  };
  const container = {
    name: 'app',
    image: `registry.example/shop/service-${n}:1.0`,
    env: Array.from({ length: 15 }, (_, i) => ({
      name: `SETTING_${i}`,
      value: `value of setting ${i} of service ${n}`,
    })),
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
    readinessProbe: { httpGet: { path: '/ready', port: 8080, scheme: 'HTTP' }, periodSeconds: 10, timeoutSeconds: 1 },
  };
  const template = {
    metadata: { labels },
    spec: { containers: [container, { ...container, name: 'sidecar' }], volumes: [] },
  };
  return {
    metadata: meta(`service-${n}`, n, n, labels),
    spec: { replicas: 3, selector: { matchLabels: { 'app.kubernetes.io/name': `service-${n}` } }, template },
    status: { replicas: 3, readyReplicas: 3, conditions: conditions(2) },
  };
}

function meta(name: string, inNamespace: number | undefined, n: number, labels?: Record<string, string>): object {
  return {
    name,
    ...(inNamespace !== undefined && { namespace: `team-${inNamespace % sizes.namespaces}` }),
    uid: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    resourceVersion: String(900_000 + n),
    creationTimestamp: '2026-01-02T03:04:05Z',
    ...(labels && { labels }),
    managedFields: [{ manager: 'kubectl', operation: 'Apply', time: '2026-01-02T03:04:05Z', fieldsV1: managed(40) }],
  };
}

function managed(fields: number): object {
  return Object.fromEntries(Array.from({ length: fields }, (_, i) => [`f:field-${i}`, {}]));
}

function conditions(count: number): readonly object[] {
  return Array.from({ length: count }, (_, i) => ({
    type: `Condition${i}`,
    status: 'True',
    message: 'all is well with it',
    reason: 'Fine',
  }));
}
