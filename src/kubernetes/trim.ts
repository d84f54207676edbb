import { backendConfigAnnotations } from './backend-config.ts';
import { at, type Fields, fields, list } from './fields.ts';
import { classAnnotation } from './ingress-controller.ts';
import { annotationOf, controllerOf, hookAnnotations, type KubernetesObject, type ObjectMeta } from './object.ts';
import { isTelemetryKey, metricsVariables } from './telemetry.ts';

/** The object with nothing but what checks read; undefined for one that no check wants to see. The given one stays as it is. */
export type Trim = (object: KubernetesObject) => KubernetesObject | undefined;

/** Keeps name, labels and age of the object, and these of its fields. */
export function keep(...topLevel: readonly string[]): Trim {
  return (object) => ({ ...head(object), ...pick(object, ...topLevel) });
}

/** As `keep`, and its annotations. */
export function keepAnnotated(...topLevel: readonly string[]): Trim {
  return (object) => ({ ...head(object, annotations(object)), ...pick(object, ...topLevel) });
}

/** Of an Ingress: where it leads, and the annotation that names its class. */
export function trimIngress(object: KubernetesObject): KubernetesObject {
  const named = annotationOf(object, classAnnotation);
  const kept = named === undefined ? undefined : { annotations: { [classAnnotation]: named } };
  return { ...head(object, kept), ...pick(object, 'spec') };
}

/** Of a PodDisruptionBudget: what it says, and how many pods its controller has found. */
export function trimBudget(object: KubernetesObject): KubernetesObject {
  return {
    ...head(object, annotations(object)),
    ...pick(object, 'spec'),
    status: pick(object['status'], 'expectedPods'),
  };
}

/** Of a Service: what it leads to, whether Prometheus is asked to scrape it, and where GKE finds its timeouts. */
export function trimService(object: KubernetesObject): KubernetesObject {
  const { annotations } = object.metadata;
  const kept = annotations ? { annotations: pick(annotations, ...keptOfService) as Record<string, string> } : undefined;
  return { ...head(object, kept), ...pick(object, 'spec') };
}

const keptOfService: readonly string[] = ['prometheus.io/scrape', 'prometheus.io/port', ...backendConfigAnnotations];

/** Of a BackendConfig of GKE: the timeouts. It may hold the client secret of a login in clear. */
export function trimBackendConfig(object: KubernetesObject): KubernetesObject {
  return { ...head(object), spec: pick(object['spec'], 'timeoutSec', 'connectionDraining') };
}

/** Of a monitor: what it selects, and the port of each endpoint. How it scrapes is nobody else's business. */
export function trimMonitor(object: KubernetesObject): KubernetesObject {
  const spec: Record<string, unknown> = pick(object['spec'], 'selector', 'namespaceSelector');
  for (const field of ['endpoints', 'podMetricsEndpoints']) {
    const written = at(object, 'spec', field);
    if (written !== undefined) spec[field] = list(written).map((one) => pick(one, 'port', 'targetPort', 'portNumber'));
  }
  return { ...head(object), spec };
}

/** Of our own kinds: what is wanted, and what was made of which generation of it. */
export function trimOwn(object: KubernetesObject): KubernetesObject {
  return { ...head(object, pick(object.metadata, 'generation')), ...pick(object, 'spec', 'status') };
}

/** Of a Node: where it is, how much fits on it and which addresses its pods have. Its status changes all the time and lists every image it holds. */
export function trimNode(object: KubernetesObject): KubernetesObject {
  return {
    ...head(object),
    spec: pick(object['spec'], 'taints', 'unschedulable', 'providerID', 'podCIDR', 'podCIDRs'),
    status: pick(object['status'], 'allocatable'),
  };
}

/** Of a PersistentVolume: where it can be used, for whom and how. What its driver keeps in it is nobody else's business. */
export function trimVolume(object: KubernetesObject): KubernetesObject {
  const spec = fields(object['spec']);
  return {
    ...head(object),
    spec: {
      ...pick(spec, 'accessModes', 'capacity', 'nodeAffinity', 'persistentVolumeReclaimPolicy', 'storageClassName'),
      ...pick(spec, 'volumeMode', 'local', 'hostPath', 'nfs', 'cephfs', 'glusterfs', 'azureFile'),
      ...(Object.hasOwn(spec, 'csi') && { csi: pick(spec['csi'], 'driver') }),
      ...(Object.hasOwn(spec, 'claimRef') && { claimRef: pick(spec['claimRef'], 'namespace', 'name') }),
    },
    status: pick(object['status'], 'phase', 'lastPhaseTransitionTime'),
  };
}

const keptOfContainer: readonly string[] = ['name', 'restartPolicy', 'ports', 'readinessProbe', 'resources'];

/**
 * Of a workload: which pods it stands for, how many, on which ports they serve, and what they wait for: an account, a node, a
 * volume, someone who counts their requests. The rest of its containers is most of its size.
 */
export function trimWorkload(object: KubernetesObject): KubernetesObject {
  const { annotations } = object.metadata;
  const template = at(object, 'spec', 'template');
  return {
    ...head(object, annotations ? { annotations: pickAnnotations(annotations) } : undefined),
    spec: {
      ...pick(object['spec'], 'replicas', 'selector', 'serviceName', 'strategy', 'volumeClaimTemplates', 'workloadRef'),
      // A Rollout that takes the template of a Deployment has none.
      ...(template !== undefined && { template: trimTemplate(template) }),
    },
  };
}

const hooks: ReadonlySet<string> = new Set(hookAnnotations);

/** What is meant for us, for those who see the requests of its pods, or for those who run it once. */
function pickAnnotations(annotations: unknown): Record<string, string> {
  const kept = Object.entries(fields(annotations)).filter(
    ([key]) => key.startsWith('daytwo.dev/') || isTelemetryKey(key) || hooks.has(key),
  );
  return Object.fromEntries(kept) as Record<string, string>;
}

/** As any workload; whether its pods are ready too, by which is known whether what measures the cluster runs. */
export function trimReplicated(object: KubernetesObject): KubernetesObject {
  return { ...trimWorkload(object), status: pick(object['status'], 'readyReplicas') };
}

/** As any workload; its images too, by which agents of every node are known, for which nodes they are, and on how many they are ready. */
export function trimDaemonSet(object: KubernetesObject): KubernetesObject {
  const trimmed = trimWorkload(object);
  const template = fields(at(trimmed, 'spec', 'template'));
  const written = list(at(object, 'spec', 'template', 'spec', 'containers'));
  const containers = written.map((one) => pick(one, 'image', ...keptOfContainer));
  const nodeSelector = pick(at(object, 'spec', 'template', 'spec'), 'nodeSelector');
  // Drivers of storage and network are told by the folders of the node that they use.
  const hostPaths = list(at(object, 'spec', 'template', 'spec', 'volumes')).filter(
    (one) => at(one, 'hostPath') !== undefined,
  );
  const volumes = [...list(at(template, 'spec', 'volumes')), ...hostPaths.map((one) => pick(one, 'hostPath'))];
  const spec = {
    ...fields(template['spec']),
    ...nodeSelector,
    containers,
    ...(volumes.length > 0 && { volumes }),
  };
  return {
    ...trimmed,
    spec: { ...fields(trimmed['spec']), template: { ...template, spec } },
    status: pick(object['status'], 'desiredNumberScheduled', 'numberReady'),
  };
}

/** Old ReplicaSets of Deployments and of Argo's Rollouts outnumber everything else, and their pods are those of their owner. */
export function trimReplicaSet(object: KubernetesObject): KubernetesObject | undefined {
  const owner = controllerOf(object)?.kind;
  return owner === 'Deployment' || owner === 'Rollout' ? undefined : trimWorkload(object);
}

export function trimUncontrolled(object: KubernetesObject): KubernetesObject | undefined {
  return controllerOf(object) === undefined ? trimWorkload(object) : undefined;
}

export function trimCronJob(object: KubernetesObject): KubernetesObject {
  const template = trimTemplate(at(object, 'spec', 'jobTemplate', 'spec', 'template'));
  return { ...head(object), spec: { jobTemplate: { spec: { template } } } };
}

function trimTemplate(template: unknown): Fields {
  const spec = fields(at(template, 'spec'));
  const metadata = fields(at(template, 'metadata'));
  const annotations = pickAnnotations(metadata['annotations']);
  const sidecars = list(spec['initContainers']).filter((one) => at(one, 'restartPolicy') === 'Always');
  const volumes = list(spec['volumes']).filter(
    (one) => at(one, 'ephemeral') !== undefined || at(one, 'persistentVolumeClaim') !== undefined,
  );
  return {
    metadata: {
      ...pick(metadata, 'labels'),
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
    spec: {
      ...pick(spec, 'hostNetwork', 'priorityClassName', 'resources'),
      ...pick(spec, 'serviceAccountName', 'serviceAccount', 'nodeSelector', 'affinity'),
      containers: list(spec['containers']).map(trimContainer),
      ...(sidecars.length > 0 && { initContainers: sidecars.map(trimContainer) }),
      ...(volumes.length > 0 && { volumes }),
    },
  };
}

function trimContainer(container: unknown): Fields {
  // Names alone: values may be credentials.
  const env = metricsVariables(at(container, 'env')).map((one) => pick(one, 'name'));
  return { ...pick(container, ...keptOfContainer), ...(env.length > 0 && { env }) };
}

function head({ apiVersion, kind, metadata }: KubernetesObject, more?: Partial<ObjectMeta>): KubernetesObject {
  return { apiVersion, kind, metadata: { ...pick(metadata, ...identity), ...more } };
}

/** Without kubectl's copy of the whole object, which is as large as the object. */
function annotations({ metadata }: KubernetesObject): Partial<ObjectMeta> {
  const { 'kubectl.kubernetes.io/last-applied-configuration': _lastApplied, ...others } = metadata.annotations ?? {};
  return { annotations: others };
}

const identity = [
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
  'labels',
  'ownerReferences',
] as const satisfies readonly (keyof ObjectMeta)[];

function pick(value: unknown, ...keys: readonly string[]): Fields {
  const from = fields(value);
  const picked: Record<string, unknown> = {};
  for (const key of keys) if (Object.hasOwn(from, key)) picked[key] = from[key];
  return picked;
}
