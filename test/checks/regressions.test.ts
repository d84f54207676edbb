import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { CheckId, ConfiguredCheck, Finding } from '../../src/checks/check.ts';
import { checks } from '../../src/checks/index.ts';
import type { Request } from '../../src/engine/decision.ts';
import { readSubject } from '../../src/engine/subject.ts';
import type { Knowledge } from '../../src/kubernetes/cluster-view.ts';
import { applyPatch } from '../../src/kubernetes/json-patch.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { ObjectIndex } from '../../src/kubernetes/object-index.ts';
import { activatePolicy } from '../../src/policy/active-policy.ts';
import { validate } from '../../src/policy/validate.ts';
import { expandCredentials } from '../fixtures/credentials.ts';

/**
 * What other tools got wrong, by their own issue trackers: each is a few lines of YAML and what has to come of it. The numbers
 * are those of the list in the specification. 10 is a fixture of identity/static-credentials-in-secret, 33 is in e2e/patches.test.ts and
 * 45 in engine/judge.test.ts; 46 to 48 are about the diagnosis of a running cluster.
 */

const policy = activatePolicy('regressions', { rules: [] }, [], checks);

interface Asked {
  readonly params?: object;
  readonly knows?: Knowledge;
  readonly version?: string;
  readonly request?: Partial<Request>;
}

/** What the check says of the last document, with those before it in the world. */
function findings(id: CheckId, yaml: string, asked: Asked = {}): readonly Finding[] {
  const { configured, subject, world } = ask(id, yaml, asked);
  return [...configured.evaluate(subject, world)];
}

function identities(id: CheckId, yaml: string, asked?: Asked): readonly string[] {
  return findings(id, yaml, asked).map(({ identity }) => identity);
}

function patched(id: CheckId, yaml: string, asked: Asked = {}): KubernetesObject {
  const { configured, subject, world } = ask(id, yaml, asked);
  return applyPatch(subject.object, configured.patch(subject, world));
}

function ask(id: CheckId, yaml: string, { params = {}, knows = 'all', version = '1.36', request = {} }: Asked) {
  const configured = checks.find((one) => one.id === id)?.configure(params, validate) as ConfiguredCheck;
  const [major, minor] = version.split('.').map(Number) as [number, number];
  const world = new ObjectIndex(knows, { major, minor });
  const objects = parseAllDocuments(expandCredentials(yaml)).map((document) => document.toJS() as KubernetesObject);
  for (const one of objects) world.put(one);
  const object = objects.at(-1) as KubernetesObject;
  const whole = {
    object,
    oldObject: undefined,
    operation: 'CREATE',
    subresource: undefined,
    source: 'files',
    namespace: object.metadata.namespace,
    user: undefined,
    dryRun: false,
    now: Date.parse('2026-11-21T12:00:00Z'),
    ...request,
  } as const;
  return { configured, subject: readSubject(whole, object, policy, world), world };
}

interface Shape {
  readonly kind?: string;
  readonly replicas?: number;
  readonly labels?: string;
  readonly annotations?: string;
  readonly pod?: string;
  readonly app?: string;
  readonly spec?: string;
  readonly namespace?: string;
}

/** A workload of one container; `app` and `pod` are more of the container and of the pod, as flow YAML. */
function workload(shape: Shape = {}): string {
  const { kind = 'Deployment', replicas = 3, labels = 'app: web', annotations = '', pod = '', app = '' } = shape;
  return `
apiVersion: apps/v1
kind: ${kind}
metadata: {name: web, namespace: ${shape.namespace ?? 'shop'}, annotations: {${annotations}}}
spec: {replicas: ${replicas}, selector: {matchLabels: {app: web}}, ${shape.spec ? `${shape.spec},` : ''} template: {metadata: {labels: {${labels}}}, spec: {${pod ? `${pod},` : ''} containers: [{name: app, image: "registry.example/web:1.0"${app ? `, ${app}` : ''}}]}}}`;
}

function service(selector: string, more = ''): string {
  return `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {${selector}}, ports: [{port: 80, targetPort: 8080}]${more}}`;
}

function budget(spec: string, selector = '{matchLabels: {app: web}}'): string {
  return `
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec: {${spec}, selector: ${selector}}`;
}

function autoscaler(min: number): string {
  return `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec:
  minReplicas: ${min}
  maxReplicas: 20
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]`;
}

function withEnv(...env: readonly string[]): string {
  return workload({ app: `env: [${env.join(', ')}]` });
}

function all(...documents: readonly string[]): string {
  return documents.join('\n---\n');
}

const credentials: CheckId = 'identity/static-cloud-credentials';

describe('credentials', () => {
  test.each([
    [1, withEnv('{name: SECRETS_DIR, value: /mnt/secrets}')],
    [2, withEnv('{name: ML_SECRET_KEY_PATH, value: /etc/ml_secret_key}')],
    [3, withEnv('{name: X_TOKEN, value: $(GITLAB_TOKEN)}')],
    [5, withEnv('{name: AWS_ACCESS_KEY_SECRET, valueFrom: {secretKeyRef: {name: aws, key: secret}}}')],
    [6, withEnv('{name: AWS_ACCESS_KEY_ID, value: "@@aws-documented-id@@"}')],
    [7, withEnv('{name: AWS_SECRET_REV, value: 3f786850e387550fdab836ed7e6dc881de23001b}')],
    [8, withEnv('{name: STORAGE, value: "@@azurite-connection@@"}')],
    [
      9,
      `
apiVersion: v1
kind: ConfigMap
metadata: {name: federation, namespace: shop}
data: {config.json: '{"type": "external_account", "audience": "//iam.googleapis.com/x", "token_url": "https://sts.googleapis.com/v1/token"}'}`,
    ],
  ])('%i is none', (_number, yaml) => {
    expect(identities(credentials, yaml)).toEqual([]);
  });

  test('4: an Ingress that names a Secret is not even asked about', () => {
    expect(checks.find(({ id }) => id === credentials)?.kinds).not.toContain('networking.k8s.io/Ingress');
  });

  test('5: it is a reference all the same', () => {
    const env = '{name: AWS_ACCESS_KEY_SECRET, valueFrom: {secretKeyRef: {name: aws, key: secret}}}';
    expect(identities('identity/static-credential-reference', withEnv(env))).toHaveLength(1);
  });

  test('44: a name that begins with system: excuses nobody', () => {
    const binding = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: "system:evil"}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: mallory}]`;
    expect(identities('identity/cluster-admin-binding', binding)).toHaveLength(1);
  });

  test('50: an identity that is given to the Pod itself is not missed at its ServiceAccount', () => {
    const pod = `
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  serviceAccountName: web
  containers:
    - name: app
      image: registry.example/web:1.0
      env:
        - {name: AWS_CONTAINER_CREDENTIALS_FULL_URI, value: "http://169.254.170.23/v1/credentials"}
        - {name: AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, value: /var/run/secrets/pods.eks.amazonaws.com/token}`;
    const account = '\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: shop}';
    expect(identities('identity/workload-identity-config', all(account, pod))).toEqual([]);
  });
});

describe('disruption budgets', () => {
  test('11: half of one replica is one, rounded up', () => {
    const yaml = all(workload({ replicas: 1 }), budget('minAvailable: "50%"'));
    const [atAdmission] = findings('compute/pdb-blocks-eviction', yaml, { request: { source: 'admission' } });
    expect(atAdmission).toMatchObject({ identity: 'computed', atMost: 'Warn' });
    const [inFiles] = findings('compute/pdb-blocks-eviction', yaml);
    expect(inFiles?.identity).toBe('computed');
    expect(inFiles?.atMost).toBeUndefined();
  });

  test('12: an autoscaler that keeps four lets one go', () => {
    const yaml = all(workload({ replicas: 1 }), autoscaler(4), budget('maxUnavailable: 1'));
    expect(identities('compute/pdb-blocks-eviction', yaml)).toEqual([]);
  });

  test('13: matchExpressions select as well as matchLabels', () => {
    const selector = '{matchExpressions: [{key: app, operator: In, values: [web, api]}]}';
    expect(identities('compute/pdb-required', all(budget('maxUnavailable: 1', selector), workload()))).toEqual([]);
  });

  test('14: whoever comes first, the verdict is the same', () => {
    expect(identities('compute/pdb-required', workload())).toHaveLength(1);
    expect(identities('compute/pdb-required', all(budget('maxUnavailable: 1'), workload()))).toEqual([]);
    const deadlock = budget('minAvailable: 3');
    expect(identities('compute/pdb-blocks-eviction', all(workload(), deadlock))).toHaveLength(1);
    expect(identities('compute/pdb-blocks-eviction', all(deadlock, workload()))).toHaveLength(1);
  });

  test('15: one label of three is no match', () => {
    const selector = '{matchLabels: {app: web, tier: front, track: stable}}';
    expect(identities('compute/pdb-required', all(budget('maxUnavailable: 1', selector), workload()))).toHaveLength(1);
  });

  test('16: what is proposed keeps nothing from being drained, at one replica too', () => {
    const [finding] = findings('compute/pdb-required', workload());
    expect(finding?.fix).toContain('maxUnavailable');
    expect(finding?.fix).not.toContain('minAvailable');
    expect(findings('compute/pdb-required', workload({ replicas: 1 }))).toEqual([]);
  });

  test('17: where there is no budget, nobody is told that budgets are in order', () => {
    expect(checks.find(({ id }) => id === 'compute/pdb-blocks-eviction')?.kinds).toContain(
      'policy/PodDisruptionBudget',
    );
    expect(identities('compute/pdb-required', workload(), { knows: 'some' })).toEqual([]);
    const { configured, subject, world } = ask('compute/pdb-required', workload(), { knows: 'some' });
    expect(configured.unknown(subject, world) ?? Object.entries(configured.check.reads)[0]?.[1]).toBeTruthy();
  });

  test('18: a budget over a Deployment and a CronJob counts neither', () => {
    const report = `
apiVersion: batch/v1
kind: CronJob
metadata: {name: report, namespace: shop}
spec: {schedule: "0 3 * * *", jobTemplate: {spec: {template: {metadata: {labels: {app: web}}, spec: {restartPolicy: Never, containers: [{name: app, image: "registry.example/report:1.0"}]}}}}}`;
    const [finding] = findings('compute/pdb-selector', all(workload(), report, budget('maxUnavailable: 1')));
    expect(finding?.identity).toBe('no-scale');
  });

  test('19: what an operator makes is recorded and no more', () => {
    const owned = budget('maxUnavailable: 0').replace(
      'namespace: shop}',
      'namespace: shop, ownerReferences: [{apiVersion: ceph.rook.io/v1, kind: CephCluster, name: rook, uid: "1", controller: true}]}',
    );
    expect(findings('compute/pdb-blocks-eviction', owned)).toMatchObject([{ atMost: 'Audit' }]);
  });
});

describe('probes', () => {
  const identical: CheckId = 'network/liveness-readiness-identical';
  const probe = (port: string, more = ''): string => `{httpGet: {path: /healthz, port: ${port}}${more}}`;
  const ports = 'ports: [{name: http, containerPort: 8080}, {name: admin, containerPort: 9090}]';

  test.each([
    [20, `${ports}, readinessProbe: ${probe('http')}, livenessProbe: ${probe('admin')}`],
    [
      21,
      `readinessProbe: ${probe('8080', ', periodSeconds: 5, failureThreshold: 3')}, livenessProbe: ${probe('8080', ', periodSeconds: 10, failureThreshold: 30')}`,
    ],
    [22, ports],
  ])('%i: they are not identical', (_number, app) => {
    expect(identities(identical, workload({ app }))).toEqual([]);
  });

  test('23: init containers have no probes, and sidecars that have them are content', () => {
    const app = `${ports}, readinessProbe: ${probe('http')}`;
    const sidecar = `{name: proxy, image: "registry.example/proxy:1.0", restartPolicy: Always, readinessProbe: ${probe('8081')}}`;
    const pod = `initContainers: [{name: migrate, image: "registry.example/web:1.0"}, ${sidecar}]`;
    expect(identities('network/readiness-probe', all(service('app: web'), workload({ app, pod })))).toEqual([]);
  });

  test('24: Jobs serve nobody', () => {
    const job = `
apiVersion: batch/v1
kind: Job
metadata: {name: web, namespace: shop}
spec: {template: {metadata: {labels: {app: other}}, spec: {restartPolicy: Never, containers: [{name: app, image: "registry.example/web:1.0"}]}}}`;
    expect(identities('network/readiness-probe', job)).toEqual([]);
  });

  test('25: a number need not be declared', () => {
    expect(identities('network/probe-port', workload({ app: `readinessProbe: ${probe('9999')}` }))).toEqual([]);
  });

  test('26: one label of two is not behind the Service', () => {
    const found = findings(
      'network/readiness-probe',
      all(service('app: web, track: canary'), workload({ app: ports })),
    );
    expect(found.filter(({ atMost }) => atMost === undefined)).toEqual([]);
  });

  test.each([
    [27, service('')],
    [28, service('statefulset.kubernetes.io/pod-name: web-0')],
  ])('%i: a Service may find its pods in another way', (_number, yaml) => {
    expect(identities('network/service-selector', yaml)).toEqual([]);
  });
});

describe('topology and storage', () => {
  const spread = (key: string): string =>
    `{maxSkew: 1, topologyKey: ${key}, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: web}}}`;
  const zone = 'topology.kubernetes.io/zone';

  test.each([
    [29, [zone, 'kubernetes.io/hostname']],
    [30, [zone, 'kubernetes.io/hostname', 'example.com/rack']],
  ])('%i: constraints over zones and nodes are enough', (_number, keys) => {
    const pod = `topologySpreadConstraints: [${keys.map(spread).join(', ')}]`;
    expect(identities('storage/topology-spread', workload({ pod }))).toEqual([]);
  });

  const storageClass = (provisioner: string): string =>
    `\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: fast}\nprovisioner: ${provisioner}`;

  test.each(['efs.csi.aws.com', 'file.csi.azure.com'])('31: %s has no zone', (provisioner) => {
    const immediate = `${storageClass(provisioner)}\nvolumeBindingMode: Immediate`;
    expect(identities('storage/volume-binding-mode', immediate)).toEqual([]);
  });

  test('32: a class without a mode waits once it is patched, and only when it is made', () => {
    const yaml = storageClass('ebs.csi.aws.com');
    expect(patched('storage/volume-binding-mode', yaml)).toMatchObject({ volumeBindingMode: 'WaitForFirstConsumer' });
    const check = checks.find(({ id }) => id === 'storage/volume-binding-mode');
    expect(check?.patchOperations).toEqual(['CREATE']);
  });

  test('34: a Pod gets its class without the number that was there', () => {
    const pod = `
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {priority: 0, preemptionPolicy: PreemptLowerPriority, containers: [{name: app, image: "registry.example/web:1.0"}]}`;
    const known = '\napiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: serving}\nvalue: 1000';
    const params = { tierMap: { standard: 'serving' }, patchPods: true };
    const { spec } = patched('compute/priority-class', all(known, pod), { params, request: { source: 'admission' } });
    expect(spec).toMatchObject({ priorityClassName: 'serving' });
    expect(spec).not.toHaveProperty('priority');
    expect(spec).not.toHaveProperty('preemptionPolicy');
  });
});

describe('resources', () => {
  test('35: a sidecar without a request stops the autoscaler', () => {
    const pod = 'initContainers: [{name: proxy, image: "registry.example/proxy:1.0", restartPolicy: Always}]';
    const app = 'resources: {requests: {cpu: 100m, memory: 64Mi}}';
    expect(identities('compute/hpa-requests', all(autoscaler(2), workload({ pod, app })))).toEqual([
      'container/proxy/cpu',
    ]);
  });

  test('36: limits alone are requests too', () => {
    const app = 'resources: {limits: {cpu: 200m, memory: 128Mi}}';
    expect(identities('compute/resource-requests', workload({ app }))).toEqual([]);
  });

  test('37: a LimitRange with a maximum alone gives every container a limit', () => {
    const limits =
      '\napiVersion: v1\nkind: LimitRange\nmetadata: {name: limits, namespace: shop}\nspec: {limits: [{type: Container, max: {memory: 1Gi}, default: {memory: 1Gi}, defaultRequest: {memory: 1Gi}}]}';
    expect(identities('compute/memory-limit', all(limits, workload()))).toEqual([]);
  });

  test('38: the resources of the pod count, on servers that know them', () => {
    const pod = 'resources: {requests: {cpu: 100m, memory: 128Mi}, limits: {memory: 128Mi}}';
    expect(identities('compute/memory-limit', workload({ pod }))).toEqual([]);
    expect(identities('compute/resource-requests', workload({ pod }), { version: '1.31' })).toContain('pod/resources');
  });
});

describe('network', () => {
  const policyOf = (spec: string): string =>
    `\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny, namespace: shop}\nspec: {podSelector: {}, ${spec}}`;
  const namespace = '\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}';

  test('39: an empty list of egress closes nothing without policyTypes', () => {
    const [finding] = findings('network/default-deny', all(policyOf('egress: []'), workload(), namespace));
    expect(finding?.message).toContain('egress');
  });

  test('40: a rule by podSelector does not find NodeLocal DNSCache', () => {
    const nodeLocal = `
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: node-local-dns, namespace: kube-system}
spec: {selector: {matchLabels: {k8s-app: node-local-dns}}, template: {metadata: {labels: {k8s-app: node-local-dns}}, spec: {hostNetwork: true, containers: [{name: node-cache, image: "registry.k8s.io/dns/k8s-dns-node-cache:1.23.1", args: ["-localip", "169.254.20.10"]}]}}}`;
    const dns =
      'policyTypes: [Ingress, Egress], egress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, podSelector: {matchLabels: {k8s-app: kube-dns}}}], ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]}]';
    expect(identities('network/dns-egress', all(nodeLocal, namespace, workload(), policyOf(dns)))).toHaveLength(1);
  });

  const ingress = (annotation: string): string => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop, annotations: {${annotation}}}
spec: {ingressClassName: nginx, rules: [{host: shop.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}`;
  const classOf = (controller: string): string =>
    `\napiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: nginx}\nspec: {controller: ${controller}}`;

  test('41: a unit is no number of seconds for ingress-nginx', () => {
    const yaml = all(classOf('k8s.io/ingress-nginx'), ingress('nginx.ingress.kubernetes.io/proxy-read-timeout: "60s"'));
    expect(findings('network/ingress-timeouts', yaml).some(({ message }) => message.includes('60s'))).toBe(true);
  });

  test('42: it is one for the controller of F5', () => {
    const yaml = all(classOf('nginx.org/ingress-controller'), ingress('nginx.org/proxy-read-timeout: "60s"'));
    expect(findings('network/ingress-timeouts', yaml).filter(({ message }) => message.includes('60s'))).toEqual([]);
  });

  test('43: a ServiceMonitor looks into its own namespace alone', () => {
    const monitor = `
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: web, namespace: monitoring}
spec: {selector: {matchLabels: {app: web}}, endpoints: [{port: http}]}`;
    const labelled = service('app: web').replace('namespace: shop}', 'namespace: shop, labels: {app: web}}');
    const spaces = all(namespace, '\napiVersion: v1\nkind: Namespace\nmetadata: {name: monitoring}');
    expect(identities('observability/servicemonitor-target', all(spaces, labelled, monitor))).toEqual(['target']);
  });

  test('49: what has the same name in another namespace is something else', () => {
    const elsewhere = budget('maxUnavailable: 1').replace('namespace: shop', 'namespace: other');
    expect(identities('compute/pdb-required', all(elsewhere, workload()))).toHaveLength(1);
  });
});
