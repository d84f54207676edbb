import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { waitsForPod } from '../../kubernetes/early-binding.ts';
import { text } from '../../kubernetes/fields.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import type { GroupKind, KubernetesObject } from '../../kubernetes/object.ts';
import { volumeKind } from '../../kubernetes/persistent-volume.ts';
import { classOfClaim, isHandMade, storageClassKind } from '../../kubernetes/storage-class.ts';
import { claimKind, claimVolumes, namesClassByAnnotation, readClaim } from '../../kubernetes/volume-claim.ts';
import { workloadKinds } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { type ClaimRequest, claimRequests } from './claim-requests.ts';
import { driverLimits } from './driver-limits.ts';
import { hasVolume } from './free-volumes.ts';
import { isEdit } from './is-edit.ts';

export const pvcStorageclass = defineCheck<object>({
  id: 'storage/pvc-storageclass',
  title: 'Claims can be given a volume',
  why: 'the claim stays Pending, and with it every pod that names it',
  prevents: [
    'storageclass.storage.k8s.io "…" not found',
    'no persistent volumes available for this claim and no storage class is set',
    'pod has unbound immediate PersistentVolumeClaims',
  ],
  remedy:
    'Name a StorageClass that exists, or leave the name out where the cluster has a default; storageClassName: "" is for ' +
    'volumes that someone makes by hand. ReadWriteMany needs a network file system.',
  severity: 'high',
  kinds: [claimKind, ...workloadKinds],
  // What is seen is enough for a finding; `unknown` speaks up for the rest.
  reads: { [claimKind]: 'none', [volumeKind]: 'none', [storageClassKind]: 'none' },
  params: { schema: { type: 'object', properties: {}, required: [], additionalProperties: false }, defaults: {} },
  *evaluate(subject, _params, view) {
    if (subject.groupKind === claimKind && isEdit(subject)) return;
    for (const request of claimRequests(subject)) {
      if (request.of === 'claim template' && isEdit(subject)) continue;
      yield* judgeClass(request, subject, view);
      const storageClass = classOfClaim(request.claim, view);
      if (storageClass !== undefined && request.claim.volumeName === undefined)
        yield* driverLimits(request, storageClass, subject, view);
    }
    if (subject.groupKind === claimKind) yield* formerAnnotation(subject.object);
    else yield* unplacedVolumes(subject, view);
  },
  unknown(subject, _params, view) {
    if (subject.groupKind === claimKind && isEdit(subject)) return undefined;
    for (const request of claimRequests(subject)) {
      const unseen = unseenFor(request, view);
      if (unseen !== undefined) return unseen;
    }
    return undefined;
  },
});

/** A claim that names its volume waits for that one, whatever its class. */
function* judgeClass(request: ClaimRequest, subject: CheckSubject, view: ClusterView): Iterable<Finding> {
  const { claim, identity, pointer, noun, of } = request;
  if (claim.volumeName !== undefined || unseenFor(request, view) !== undefined) return;
  if (makesVolumes(request, view) || hasVolume(request, subject, view)) return;
  // The StatefulSet's own check speaks of that one.
  if (claim.className === undefined && of === 'claim template') return;
  yield {
    identity: `${identity}/class`,
    path: `${pointer}/storageClassName`,
    ...describeClass(claim.className, noun, classOfClaim(claim, view), view),
    atMost: 'Warn',
    pending: true,
  };
}

function describeClass(
  className: string | undefined,
  noun: string,
  handMade: KubernetesObject | undefined,
  view: ClusterView,
): { readonly message: string; readonly fix: string } {
  const name = [...view.list(storageClassKind)].find((one) => !isHandMade(one))?.metadata.name ?? '<name>';
  if (className === undefined)
    return {
      message: `${noun} names no StorageClass, and none is the default`,
      fix: `Set storageClassName in the claim's spec:\nstorageClassName: ${name}`,
    };
  if (className === '' || handMade !== undefined)
    return {
      message: `no PersistentVolume fits ${noun}, which wants one that was made by hand`,
      fix: `Make the volume, or name a class that makes one:\nstorageClassName: ${name}`,
    };
  return {
    message: `StorageClass "${className}", which ${noun} names, does not exist`,
    fix: `Name a class that exists, or bring that one along:\nstorageClassName: ${name}`,
  };
}

/** Whether its class is there and has a driver; nobody can foretell which volumes wait for ephemeral ones. */
function makesVolumes(request: ClaimRequest, view: ClusterView): boolean {
  const found = classOfClaim(request.claim, view);
  if (found === undefined) return false;
  return !isHandMade(found) || request.of === 'ephemeral volume';
}

/** Of which kind more must be known before anyone can say that there is nothing for the claim. */
function unseenFor(request: ClaimRequest, view: ClusterView): GroupKind | undefined {
  const { claim } = request;
  if (claim.volumeName !== undefined || makesVolumes(request, view)) return undefined;
  const found = classOfClaim(claim, view);
  if (claim.className !== '' && found === undefined && view.knows(storageClassKind) !== 'all') return storageClassKind;
  const mayHaveOne = claim.className !== undefined || found !== undefined;
  return mayHaveOne && view.knows(volumeKind) !== 'all' ? volumeKind : undefined;
}

function* formerAnnotation(claim: KubernetesObject): Iterable<Finding> {
  if (!namesClassByAnnotation(claim)) return;
  yield {
    identity: 'annotation',
    path: pointerTo('/metadata/annotations', 'volume.beta.kubernetes.io/storage-class'),
    message: 'the claim names its class by the annotation volume.beta.kubernetes.io/storage-class',
    why: 'it still comes before the field storageClassName, which is where everybody looks',
    fix: `Write the field instead:\nstorageClassName: ${readClaim(claim).className}`,
    atMost: 'Audit',
    severity: 'info',
  };
}

/**
 * A pod that names its node passes the scheduler by, and nobody tells a volume that waits for the pod where to be made. A Pod
 * that runs has its node from the scheduler.
 */
function* unplacedVolumes({ workload, namespace, source }: CheckSubject, view: ClusterView): Iterable<Finding> {
  const node = text(workload?.template.spec['nodeName']);
  if (workload === undefined || !node || source === 'live') return;
  for (const { name, pointer, claimName, template } of claimVolumes(workload.template)) {
    const object = claimName === undefined ? template : view.get(claimKind, namespace, claimName);
    if (object === undefined) continue;
    const claim = readClaim(object);
    const found = classOfClaim(claim, view);
    if (claim.volumeName !== undefined || found === undefined || !waitsForPod(found)) continue;
    yield {
      identity: `node/${name}`,
      path: pointer,
      message: `volume "${name}" waits for the scheduler, and nodeName: ${node} passes it by`,
      why: 'a claim of a class with WaitForFirstConsumer is given its volume by the scheduler, and by nobody else',
      fix: `Remove nodeName from the pod template; only if it must be that node:\nnodeSelector: {kubernetes.io/hostname: ${node}}`,
      atMost: 'Warn',
    };
  }
}
