import { type Cloud, detectorOf, type Hit } from './detectors.ts';
import type { Part } from './unit.ts';

/** What to write instead of a literal key, for its cloud and its place. */
export function fixFor(hit: Hit): string {
  const { part } = hit.view;
  if (hit.confidence === 'low') return 'Remove it: it opens nothing any more, but readers will copy the habit';
  const place = placeOf(part);
  const identity = place.reachesPod ? identities[identityFor(hit)] : undefined;
  const fallback = place.fromSecret(part);
  return [
    ...(identity === undefined ? [fallback] : [identity, `If no identity reaches it: ${uncapitalise(fallback)}`]),
    revoke,
  ].join('\n');
}

/** The same for a key in a Secret. */
export function fixForSecret(hit: Hit): string {
  const store = 'Let a store deliver and rotate it: ExternalSecret, SealedSecret, VaultStaticSecret';
  const identity = identities[identityFor(hit)];
  if (identity === undefined) return `${store}\n${revoke}`;
  return `${identity}\nIf no identity reaches it: ${uncapitalise(store)}\n${revoke}`;
}

const revoke = 'Then revoke the key: whoever could read this object, its history or a backup has it';

const identities: Readonly<Partial<Record<Cloud, string>>> = {
  aws: `Remove it and give the pod's ServiceAccount the role; the AWS SDKs find it by themselves
  serviceAccountName: <name>   # with an EKS Pod Identity association, or annotated eks.amazonaws.com/role-arn`,
  gcp: `Remove it and grant the pod's ServiceAccount the access; Google's libraries find it by themselves
  serviceAccountName: <name>   # Workload Identity Federation for GKE`,
  azure: `Remove it and give the pod's ServiceAccount the access; DefaultAzureCredential finds it by itself
  labels: {azure.workload.identity/use: "true"}   # on the pod template
  serviceAccountName: <name>   # annotated azure.workload.identity/client-id`,
};

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
  fromSecret: () => 'Move the file into a Secret that a store delivers, and mount that',
};

const places: readonly PlaceOfKey[] = [
  {
    pointer: /\/env\/\d+\/value$/,
    reachesPod: true,
    fromSecret: ({ name }) => `Read it from a Secret that a store delivers
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
    fromSecret: () => `Read it from a Secret into a variable, and write $(NAME) here
  - name: NAME
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
