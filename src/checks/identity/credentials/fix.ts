import { type Cloud, detectorOf, type Hit } from './detectors.ts';

/** What to write instead of a literal key, for its cloud and its place. */
export function fixFor(hit: Hit): string {
  if (hit.confidence === 'low')
    return 'Remove it: it opens nothing any more, but shows how the next one would be handed out';
  return [remedies[detectorOf(hit.detector).cloud], ...fromSecret(hit), revoke].join('\n');
}

/** The same for a key in a Secret. */
export function fixForSecret({ detector }: Hit): string {
  const store =
    'Where no cloud identity reaches, let a store deliver and rotate it (ExternalSecret, SealedSecret, VaultStaticSecret).';
  return [remedies[detectorOf(detector).cloud], store, revoke].join('\n');
}

const revoke = 'Then revoke the key: everyone who could read this object, its history or its backups has it.';

const fromStore = 'Take the key from a Secret that an external store delivers and rotates';

const remedies: Readonly<Record<Cloud, string>> = {
  aws: `Remove the key; the AWS SDKs then use the identity of the pod, without a change in code
  serviceAccountName: <name>   # tied to a role by EKS Pod Identity, or annotated eks.amazonaws.com/role-arn`,
  gcp: `Remove the key; Google's client libraries then use the identity of the pod, without a change in code
  serviceAccountName: <name>   # granted roles by Workload Identity Federation for GKE`,
  azure: `Remove the key; DefaultAzureCredential then uses the identity of the pod
  labels: {azure.workload.identity/use: "true"}   # on the pod template
  serviceAccountName: <name>   # annotated azure.workload.identity/client-id`,
  digitalocean: fromStore,
  other: fromStore,
  none: 'Move it into a Secret; in a spec or ConfigMap everyone with read access has it',
};

/** The way for workloads that no cloud identity reaches. */
function fromSecret({ view: { part }, detector }: Hit): readonly string[] {
  if (detector === 'aws-id-only') return [];
  if (part.identity.includes('/env/')) {
    const lines = [`  - name: ${part.name}`, '    valueFrom: {secretKeyRef: {name: <secret>, key: <key>}}'];
    return ['Where no cloud identity reaches, take it from a Secret that an external store delivers:', ...lines];
  }
  return ['Where no cloud identity reaches, mount it from a Secret that an external store delivers.'];
}
