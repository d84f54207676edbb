import { stringify } from 'yaml';

/** Manifests of the end-to-end tests, as text for `kubectl … -f -`. */
export function manifest(...objects: readonly object[]): string {
  return objects.map((object) => stringify(object)).join('---\n');
}

export function namespace(name: string, tier?: 'production' | 'standard' | 'sandbox'): object {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, ...(tier && { labels: { 'daytwo.dev/tier': tier } }) },
  };
}

const enough = { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '64Mi' } };

export function container(name = 'app', tweak: object = {}): object {
  return { name, image: 'registry.example/app:1.0', resources: enough, ...tweak };
}

/** Not one finding under any policy, but for its PodDisruptionBudget and NetworkPolicy. */
export function deployment(
  inNamespace: string,
  name = 'checkout',
  spec: object = {},
  containers = [container()],
): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: inNamespace },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers } },
      ...spec,
    },
  };
}

export function pod(inNamespace: string, name: string, spec: object = {}, metadata: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: inNamespace, ...metadata },
    spec: { containers: [container()], ...spec },
  };
}

export function disruptionBudget(inNamespace: string, spec: object = { maxUnavailable: 1 }, app = 'checkout'): object {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: app, namespace: inNamespace },
    spec: { selector: { matchLabels: { app } }, ...spec },
  };
}

export function defaultDeny(inNamespace: string): object {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'default-deny', namespace: inNamespace },
    spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
  };
}

export function storageClass(name: string, tweak: object = {}): object {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name },
    provisioner: 'ebs.csi.aws.com',
    ...tweak,
  };
}

export function secret(inNamespace: string, name: string, stringData: Readonly<Record<string, string>>): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: inNamespace }, stringData };
}

export function configMap(inNamespace: string, name: string, data: Readonly<Record<string, string>>): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: inNamespace }, data };
}

/** Zones of two nodes: where there is only one zone, Immediate binding hurts nobody. */
export function node(name: string, zone: string): object {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'topology.kubernetes.io/zone': zone } } };
}
