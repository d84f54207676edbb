import { type Cloud, detectorOf, type Hit } from './detectors.ts';
import type { Part } from './unit.ts';

/** What to write instead of a literal key, for its cloud and its place. */
export function fixFor(hit: Hit): string {
  const { part } = hit.view;
  if (hit.confidence === 'low') return 'Remove it';
  const place = placeOf(part);
  const identity = place.reachesPod ? identities[identityFor(hit)] : undefined;
  const isInPod = !/^\/(data|binaryData|metadata\/annotations)\//.test(part.pointer);
  return [...preferIdentity(identity, isInPod, place.fromSecret(part)), revoke].join('\n');
}

/** The same for a key in a Secret. */
export function fixForSecret(hit: Hit): string {
  const store = `Let ${stores} deliver and rotate it`;
  return [...preferIdentity(identities[identityFor(hit)], false, store), revoke].join('\n');
}

const stores = 'External Secrets or your vault';
const fromStore = `a Secret that ${stores} writes`;
const revoke = 'Then revoke the key: whoever could read this object, its history or a backup has it';

interface Identity {
  /** What the ServiceAccount is given. */
  readonly given: string;
  readonly found: string;
  /** What makes it so: a comment on its name. */
  readonly account: string;
  /** What the pods carry besides. */
  readonly label?: string;
}

const identities: Readonly<Partial<Record<Cloud, Identity>>> = {
  aws: {
    given: 'the role',
    found: 'the AWS SDKs find it by themselves',
    account: 'with an EKS Pod Identity association, or annotated eks.amazonaws.com/role-arn',
  },
  gcp: {
    given: 'the access',
    found: "Google's libraries find it by themselves",
    account: 'Workload Identity Federation for GKE',
  },
  azure: {
    given: 'the access',
    found: 'DefaultAzureCredential finds it by itself',
    account: 'annotated azure.workload.identity/client-id',
    label: 'azure.workload.identity/use: "true"',
  },
};

/** @param isInPod whether the object is one in which the lines can be pasted, and not one that its pods read */
function preferIdentity(identity: Identity | undefined, isInPod: boolean, fallback: string): readonly string[] {
  if (identity === undefined) return [fallback];
  const { given, found, account, label } = identity;
  return [
    isInPod
      ? `Remove it and give the pod's ServiceAccount ${given}; ${found}`
      : `Remove it here, and let the pods that read it run as a ServiceAccount with ${given}:`,
    ...(label === undefined ? [] : [`  labels: {${label}}   # in the metadata of the pods`]),
    `  serviceAccountName: <name>   # ${isInPod ? '' : 'in the spec of those pods; '}${account}`,
    `If the application cannot use a ServiceAccount: ${uncapitalise(fallback)}`,
  ];
}

/** API keys and OAuth clients stand for an application and not for its pods. */
function identityFor({ detector }: Hit): Cloud {
  return detector === 'gcp-api-key' || detector === 'gcp-oauth-secret' ? 'none' : detectorOf(detector).cloud;
}

interface PlaceOfKey {
  readonly pointer: RegExp;
  /** Whether it is the pod that uses the key, and not the kubelet or a storage driver. */
  readonly reachesPod: boolean;
  fromSecret(part: Part): string;
}

const elsewhere: PlaceOfKey = {
  pointer: /^/,
  reachesPod: true,
  fromSecret: () => `Move the file into ${fromStore}, and mount that`,
};

const places: readonly PlaceOfKey[] = [
  {
    pointer: /\/env\/\d+\/value$/,
    reachesPod: true,
    fromSecret: ({ name }) => `Read it from ${fromStore}
  - name: ${name}
    valueFrom: {secretKeyRef: {name: <secret>, key: <key>}}`,
  },
  {
    pointer: /\/httpHeaders\/\d+\/value$/,
    reachesPod: false,
    fromSecret: () => 'Probe a path that needs no login: the kubelet cannot read a header from a Secret',
  },
  {
    pointer: /\/(?:args|command)\/\d+$/,
    reachesPod: true,
    fromSecret: () => `Read it from a Secret into a variable, and write $(<name>) here
  - name: <name>
    valueFrom: {secretKeyRef: {name: <secret>, key: <key>}}`,
  },
  {
    pointer: /^\/spec\/csi\/volumeAttributes\//,
    reachesPod: false,
    fromSecret: () => `Make the volume anew, since spec.csi cannot be changed, with a Secret that the driver reads
spec:
  csi:
    nodePublishSecretRef: {name: <secret>, namespace: <namespace>}   # or nodeStageSecretRef, as the driver has it`,
  },
  {
    pointer: /^\/spec\/flexVolume\/options\//,
    reachesPod: false,
    fromSecret:
      () => `Make the volume anew, since spec.flexVolume cannot be changed, with a Secret that the driver reads
spec:
  flexVolume:
    secretRef: {name: <secret>, namespace: <namespace>}`,
  },
  {
    pointer: /\/csi\/volumeAttributes\//,
    reachesPod: false,
    fromSecret: () => `Name a Secret of this namespace instead, which the driver reads
csi:
  nodePublishSecretRef: {name: <secret>}`,
  },
  {
    pointer: /\/flexVolume\/options\//,
    reachesPod: false,
    fromSecret: () => `Name a Secret of this namespace instead, which the driver reads
flexVolume:
  secretRef: {name: <secret>}`,
  },
  {
    pointer: /^\/parameters\//,
    reachesPod: false,
    fromSecret: () => `Make the class anew, since parameters cannot be changed, with a Secret that the driver reads
parameters:
  csi.storage.k8s.io/node-publish-secret-name: <secret>   # or the step that the driver has: provisioner, node-stage, …
  csi.storage.k8s.io/node-publish-secret-namespace: <namespace>`,
  },
];

function placeOf({ pointer }: Part): PlaceOfKey {
  return places.find((place) => place.pointer.test(pointer)) ?? elsewhere;
}

function uncapitalise(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
