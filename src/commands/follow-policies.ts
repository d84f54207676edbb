import { checks } from '../checks/index.ts';
import type { Log } from '../cluster/log.ts';
import type { KubernetesObject } from '../kubernetes/object.ts';
import type { ActivePolicy, SoundPolicy } from '../policy/active-policy.ts';
import { policyKind } from '../policy/own-kinds.ts';
import { buildPolicySet, type PolicySet, type PolicyState } from '../policy/policy-set.ts';
import type { JoinedCluster } from './join-cluster.ts';

/** The policy that is in force, which changes with the cluster. */
export interface FollowedPolicies {
  /** What to judge a request by; the next one may be judged by another. */
  readonly policy: () => ActivePolicy;
  /** What became of each ReadinessPolicy object, for whoever writes their status. */
  readonly policyStates: () => readonly PolicyState[];
  /** Why nothing can be judged well yet, or undefined. */
  readonly notReady: () => string | undefined;
}

export interface FollowPoliciesOptions {
  readonly cluster: Pick<JoinedCluster, 'view' | 'listen' | 'notReady'>;
  /** The policy of the command line. */
  readonly base: SoundPolicy;
  readonly ownNamespace: string;
  readonly log: Log;
  /** Milliseconds to wait for more changes, since `kubectl apply` of a folder brings many at once; 100 where absent. */
  readonly delay?: number;
}

/** Builds the policy set anew whenever a ReadinessPolicy changes, and puts it in place at once. */
export function followPolicies({
  cluster,
  base,
  ownNamespace,
  log,
  delay = 100,
}: FollowPoliciesOptions): FollowedPolicies {
  let set = buildPolicySet({ objects: [], base, checklist: checks, ownNamespace });
  let versions = '';
  let settled = false;
  let timer: NodeJS.Timeout | undefined;

  function rebuild(): void {
    timer = undefined;
    const objects = [...cluster.view().list(policyKind)];
    const now = objects.map(versionOf).toSorted().join(' ');
    // A status is no change of policy.
    if (now === versions) return;
    versions = now;
    const before = set;
    set = buildPolicySet({ objects, base, checklist: checks, ownNamespace, lastGood: before.lastGood });
    log.info({ policies: set.active.name }, 'these policies are in force');
    warnOfIgnored(set, before, log);
  }

  cluster.listen((kind) => {
    if (kind === policyKind) timer ??= setTimeout(rebuild, delay);
  });
  return {
    policy: () => set.active,
    policyStates: () => set.states,
    notReady() {
      // Only at the start: afterwards there is a set that is good for a tenth of a second more.
      settled ||= timer === undefined && cluster.notReady() === undefined;
      return settled ? undefined : 'the policies are not read yet';
    },
  };
}

function versionOf({ metadata }: KubernetesObject): string {
  return `${metadata.uid ?? ''}/${metadata.generation ?? ''}`;
}

/** Each of them once. */
function warnOfIgnored({ states }: PolicySet, before: PolicySet, log: Log): void {
  for (const { name, uid, status } of states) {
    if (status.accepted) continue;
    const known = before.states.find((one) => one.uid === uid);
    if (known?.status.observedGeneration === status.observedGeneration) continue;
    log.warn({ policy: name, reason: status.message }, 'this ReadinessPolicy cannot be obeyed');
  }
}
