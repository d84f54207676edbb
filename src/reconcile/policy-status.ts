import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterView } from '../kubernetes/cluster-view.ts';
import { sameJson } from '../kubernetes/json-patch.ts';
import type { KubernetesObject } from '../kubernetes/object.ts';
import { policyKind } from '../policy/own-kinds.ts';
import type { PolicyState } from '../policy/policy-set.ts';
import type { Log, Term } from './background.ts';

export interface PolicyStatusOptions {
  readonly term: Term;
  readonly view: () => ClusterView;
  /** What became of each ReadinessPolicy. */
  readonly states: () => readonly PolicyState[];
  /** Why nothing can be said yet, or undefined. */
  readonly notReady: () => string | undefined;
  readonly log: Log;
  readonly writeStatus: (object: KubernetesObject, status: object) => Promise<void>;
}

/** Milliseconds between two looks: a cluster has a handful of policies, and comparing them costs nothing. */
const interval = 1_000;

/** Keeps the status of every ReadinessPolicy true while the term lasts: whether it is in force, or why not. */
export async function keepPolicyStatuses(options: PolicyStatusOptions): Promise<void> {
  const { term, view, states, notReady, log } = options;
  while (!term.signal.aborted) {
    if (notReady() === undefined) {
      for (const { name, uid, status } of states()) {
        const object = view().get(policyKind, undefined, name);
        if (object === undefined || object.metadata.uid !== uid || sameJson(object['status'], status)) continue;
        if (!term.holds()) break;
        try {
          await options.writeStatus(object, status);
        } catch (error) {
          log.warn({ err: error, policy: name }, 'the status of a ReadinessPolicy could not be written, trying again');
        }
      }
    }
    await sleep(interval, undefined, { signal: term.signal }).catch(() => {});
  }
}
