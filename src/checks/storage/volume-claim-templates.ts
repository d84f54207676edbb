import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { earlyBinding } from '../../kubernetes/early-binding.ts';
import { at, type Fields, fields, list, text } from '../../kubernetes/fields.ts';
import { flowYaml } from '../../kubernetes/flow-yaml.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import type { GroupKind } from '../../kubernetes/object.ts';
import { readService, serviceKind } from '../../kubernetes/service.ts';
import { runsOnOneNode } from '../../kubernetes/single-node.ts';
import { defaultClasses, storageClassKind } from '../../kubernetes/storage-class.ts';
import { claimKind, claimTemplates, claimVolumes, readClaim } from '../../kubernetes/volume-claim.ts';
import type { Workload } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { databaseContainer, databaseImages } from './database-images.ts';
import { exclusiveClaims, missingClaim } from './exclusive-claims.ts';
import { contendedClaim } from './contended-claim.ts';
import { isEdit } from './is-edit.ts';
import { keepsData } from './keeps-data.ts';

interface Params {
  /** Images of servers that keep data, by the last part of their name. */
  dbImages: string[];
}

const read: readonly GroupKind[] = [
  storageClassKind,
  serviceKind,
  claimKind,
  'core/PersistentVolume',
  'core/Node',
  'storage.k8s.io/CSINode',
  'storage.k8s.io/CSIDriver',
];

export const volumeClaimTemplates = defineCheck<Params>({
  id: 'storage/volume-claim-templates',
  title: 'StatefulSets keep their state',
  why: 'claim templates and serviceName cannot be changed once the StatefulSet exists',
  prevents: [
    'pod has unbound immediate PersistentVolumeClaims, for a StatefulSet that never gets its first pod',
    'Multi-Attach error for volume "…" between the pods of one StatefulSet',
    'a database that is empty after its pod was replaced',
  ],
  remedy:
    'Give each pod a volume by volumeClaimTemplates, with a StorageClass that exists and waits for the pod, and a name by a ' +
    'headless Service (clusterIP: None) that serviceName names. To change templates later the StatefulSet is deleted with ' +
    '--cascade=orphan and made again.',
  severity: 'high',
  kinds: ['apps/StatefulSet'],
  reads: Object.fromEntries(read.map((kind) => [kind, 'none'])),
  params: {
    schema: {
      type: 'object',
      properties: { dbImages: { type: 'array', items: { type: 'string' } } },
      required: [],
      additionalProperties: false,
    },
    defaults: { dbImages: [...databaseImages] },
  },
  *evaluate(subject, { dbImages }, view) {
    const { workload } = subject;
    if (workload === undefined || workload.controller !== undefined) return;
    yield* judgeShared(workload, view);
    if (isEdit(subject)) return;
    const database = databaseContainer(workload.template, dbImages);
    const templates = claimTemplates(subject.object);
    for (const [index, template] of templates.entries()) {
      const one = { template, pointer: `/spec/volumeClaimTemplates/${index}` };
      yield* judgeTemplate(one, database?.image, view);
    }
    if (database !== undefined && !database.mayLackVolume && templates.length === 0 && !keepsData(workload.template)) {
      yield {
        identity: 'templates',
        path: '/spec/volumeClaimTemplates',
        message: `container "${database.one.name}" runs ${database.image} without a persistent volume`,
        why: 'whatever it has stored is gone when the pod is replaced',
        fix: `Add volumeClaimTemplates, and mount the volume where ${database.image} keeps its data:\n${templateYaml}`,
        atMost: 'Warn',
      };
    }
    yield* judgeService(subject, workload, view);
    yield* judgeOrder(subject, workload);
  },
  unknown(subject, _params, view) {
    const { object, workload } = subject;
    if (workload === undefined || workload.controller !== undefined) return undefined;
    const { template, namespace } = workload;
    if (view.knows(claimKind) !== 'all' && missingClaim(template, namespace, view) !== undefined) return claimKind;
    if (isEdit(subject)) return undefined;
    const lacksClass = claimTemplates(object).some((one) => readClaim(one).className === undefined);
    const isSure = view.knows(storageClassKind) === 'all' || defaultClasses(view).length > 0;
    if (lacksClass && !isSure) return storageClassKind;
    const seen = view.get(serviceKind, namespace, serviceNameOf(object)) !== undefined;
    return seen || view.knows(serviceKind) === 'all' ? undefined : serviceKind;
  },
});

const immutable = 'immutable: delete a set that exists with --cascade=orphan first';
const templateYaml = [
  `volumeClaimTemplates:   # ${immutable}`,
  '  - metadata: {name: data}',
  '    spec:',
  '      accessModes: [ReadWriteOnce]',
  '      resources: {requests: {storage: 10Gi}}',
  // The same image has another folder from another publisher, and in a wrong one the data would be lost all the same.
  '# and in the container: volumeMounts: [{name: data, mountPath: <folder>}]',
].join('\n');

/** A claim that the pod template names is one and the same for all pods. */
function* judgeShared(workload: Workload, view: ClusterView): Iterable<Finding> {
  const replicas = workload.replicas ?? 1;
  if (replicas < 2 || claimVolumes(workload.template).length === 0) return;
  for (const claim of exclusiveClaims(workload.template, workload.namespace, view)) {
    if (claim.servesOne === 'pod' || !runsOnOneNode(workload))
      yield contendedClaim(claim, replicas, workload.groupKind);
  }
}

function* judgeTemplate(
  { template, pointer }: { readonly template: Fields; readonly pointer: string },
  database: string | undefined,
  view: ClusterView,
): Iterable<Finding> {
  const claim = readClaim(template);
  const name = text(at(template, 'metadata', 'name')) ?? '';
  const knowsClasses = view.knows(storageClassKind) === 'all';
  const [standard] = defaultClasses(view);
  if (claim.className === undefined && standard === undefined && knowsClasses) {
    yield {
      identity: `template/${name}/class`,
      path: pointerTo(pointer, 'spec', 'storageClassName'),
      message: `claim template "${name}" names no StorageClass, and none is the default`,
      why: 'its claims stay Pending, and with them every pod',
      fix: 'Set storageClassName in the template, before the set is made:\nstorageClassName: <name>',
      atMost: 'Warn',
      pending: true,
    };
  }
  if (database !== undefined && claim.accessModes.includes('ReadWriteMany')) {
    yield {
      identity: `template/${name}/access-modes`,
      path: pointerTo(pointer, 'spec', 'accessModes'),
      message: `claim template "${name}" asks for ReadWriteMany, and ${database} never shares its files`,
      why: 'each pod has a volume of its own, and network file systems are slow and lock badly',
      fix: 'Ask for what a database needs:\naccessModes: [ReadWriteOnce]',
      atMost: 'Audit',
      severity: 'info',
    };
  }
  const found = claim.className === undefined ? standard : view.get(storageClassKind, undefined, claim.className);
  const tie = found && earlyBinding(found, view);
  if (found === undefined || tie === undefined) return;
  yield {
    identity: `template/${name}/binding`,
    path: pointerTo(pointer, 'spec', 'storageClassName'),
    message: `claim template "${name}" uses StorageClass ${found.metadata.name}, which is Immediate, for volumes of one ${tie}`,
    why: `each volume gets its ${tie} before anyone asked where its pod can run`,
    fix: 'Name a class with volumeBindingMode: WaitForFirstConsumer',
    atMost: 'Warn',
  };
}

function* judgeService({ object, namespace }: CheckSubject, workload: Workload, view: ClusterView): Iterable<Finding> {
  const name = serviceNameOf(object);
  const place = { identity: 'service', path: '/spec/serviceName', atMost: 'Warn', severity: 'medium' } as const;
  const why = 'its pods get no DNS names of their own, by which the members of a cluster find one another';
  if (name === '') {
    const fix = `Name a headless Service in serviceName:\nserviceName: <name>   # ${immutable}`;
    yield { ...place, message: 'serviceName is not set', why, fix };
    return;
  }
  const service = view.get(serviceKind, namespace, name);
  if (service === undefined && view.knows(serviceKind) === 'all') {
    yield {
      ...place,
      message: `there is no Service "${name}", which serviceName names`,
      why,
      fix: `Add a headless Service that selects its pods:\n${serviceYaml(name, workload)}`,
      pending: true,
    };
  } else if (service !== undefined && !readService(service).isHeadless) {
    yield {
      ...place,
      message: `Service "${name}", which serviceName names, is not headless`,
      why,
      fix: 'Name a Service with clusterIP: None; one with an address of its own can stand beside it for clients',
    };
  }
}

function serviceNameOf(object: CheckSubject['object']): string {
  return text(at(object, 'spec', 'serviceName')) ?? '';
}

/** A Service knows no expressions: beside some, all labels of its pods select them. */
function serviceYaml(name: string, { selector: wanted, template, namespace }: Workload): string {
  const hasExpressions = list(at(wanted, 'matchExpressions')).length > 0;
  const labels = hasExpressions ? template.labels : fields(at(wanted, 'matchLabels'));
  const selector = Object.entries(labels).map(([key, value]) => `    ${key}: ${JSON.stringify(value)}`);
  const metadata = flowYaml({ name, namespace });
  return ['apiVersion: v1', 'kind: Service', `metadata: ${metadata}`, 'spec:', '  clusterIP: None', '  selector:']
    .concat(selector)
    .join('\n');
}

function* judgeOrder({ object }: CheckSubject, { replicas = 1 }: Workload): Iterable<Finding> {
  if (replicas < 5 || at(object, 'spec', 'podManagementPolicy') === 'Parallel') return;
  yield {
    identity: 'order',
    path: '/spec/podManagementPolicy',
    message: `podManagementPolicy OrderedReady starts ${replicas} pods one after the other`,
    why: 'a pod that never becomes ready holds up all that follow, and a roll-back does not replace it by itself',
    fix: 'Start them together if their order does not matter (the field is immutable):\npodManagementPolicy: Parallel',
    atMost: 'Audit',
    severity: 'info',
  };
}
