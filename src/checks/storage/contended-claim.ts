import { pointerTo } from '../../kubernetes/json-pointer.ts';
import type { GroupKind } from '../../kubernetes/object.ts';
import { claimKind } from '../../kubernetes/volume-claim.ts';
import type { Finding } from '../check.ts';
import type { ExclusiveClaim } from './exclusive-claims.ts';

/** Several replicas whose template names a claim that serves one node or one pod. The claim may come last, so the background looks too. */
export function contendedClaim(claim: ExclusiveClaim, replicas: number, kind: GroupKind): Finding {
  const fix = `Use volumeClaimTemplates or a ReadWriteMany claim, or run one pod:\n${onePod(kind)}`;
  // All of them follow such a volume to its node, if the scheduler knows which that is: they run, and fall together.
  if (claim.isLocal && claim.servesOne === 'node') {
    return {
      ...placeOf(claim),
      message: `${replicas} replicas share claim "${claim.name}", whose volume is a disk of one node`,
      why: 'all pods run on that node, or each finds other files, and none of them survives its loss',
      fix,
      conflict: true,
      atMost: 'Warn',
    };
  }
  const why =
    claim.servesOne === 'pod'
      ? 'one pod at a time may use the claim, and every other one stays Pending'
      : 'its volume attaches to one node at a time, and pods on any other node stay in ContainerCreating';
  return {
    ...placeOf(claim),
    message: `${replicas} replicas share claim "${claim.name}", which is ${claim.accessMode}`,
    why,
    fix,
    conflict: true,
    restsOn: [{ groupKind: claimKind, name: claim.name }],
  };
}

/** A rollout that started the new pod first would wait for the claim of the old one. */
function onePod(kind: GroupKind): string {
  const hasStrategy = kind === 'apps/Deployment' || kind === 'apps.openshift.io/DeploymentConfig';
  return `spec:\n  replicas: 1${hasStrategy ? '\n  strategy: {type: Recreate}' : ''}`;
}

export function placeOf(claim: ExclusiveClaim, facet?: string): Pick<Finding, 'identity' | 'path'> {
  return {
    identity: `claim/${claim.name}${facet === undefined ? '' : `/${facet}`}`,
    path: pointerTo(claim.pointer, 'persistentVolumeClaim', 'claimName'),
  };
}
