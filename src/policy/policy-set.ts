import type { Check, ParamMistake } from '../checks/check.ts';
import { fieldPath } from '../kubernetes/json-pointer.ts';
import type { KubernetesObject } from '../kubernetes/object.ts';
import { type ActivePolicy, activatePolicies, type SoundPolicy } from './active-policy.ts';
import { readPolicy } from './read-policy.ts';

/** What is made of the policies of a cluster at one moment. A request is judged by one set. */
export interface PolicySet {
  readonly active: ActivePolicy;
  /** One for each object, in the order of their names. */
  readonly states: readonly PolicyState[];
  /** The last version of each object that could be obeyed, by uid. */
  readonly lastGood: ReadonlyMap<string, SoundPolicy>;
}

/** What became of one ReadinessPolicy object. */
export interface PolicyState {
  readonly name: string;
  readonly uid: string;
  readonly status: PolicyStatus;
}

/** `status` of a ReadinessPolicy. */
export interface PolicyStatus {
  readonly accepted: boolean;
  readonly message: string;
  /** How many rules are in force: of the last good version where this one is not accepted. */
  readonly rules: number;
  readonly observedGeneration: number;
}

export interface PolicySetOptions {
  /** Every ReadinessPolicy, in any order. */
  readonly objects: Iterable<KubernetesObject>;
  /** The policy of the command line, which comes after all of them. */
  readonly base: SoundPolicy;
  readonly checklist: readonly Check[];
  readonly ownNamespace?: string | undefined;
  readonly lastGood?: PolicySet['lastGood'] | undefined;
}

/**
 * The policies of a cluster in the order of their names, then the base. One that cannot be obeyed, which gets in only while
 * nobody judges it at admission, counts for nothing: what it said before stays in force, if it is still the same object.
 */
export function buildPolicySet(options: PolicySetOptions): PolicySet {
  const { base, checklist, ownNamespace } = options;
  const lastGood = new Map<string, SoundPolicy>();
  const states: PolicyState[] = [];
  for (const object of [...options.objects].sort(byName)) {
    const { name = '', uid = name } = object.metadata;
    const { policy, mistakes } = readPolicy(object, checklist);
    const inForce = policy ?? options.lastGood?.get(uid);
    if (inForce !== undefined) lastGood.set(uid, inForce);
    const observedGeneration = object.metadata.generation ?? 0;
    const message = policy === undefined ? refusal(mistakes, inForce !== undefined) : 'in force';
    const rules = inForce?.rules.length ?? 0;
    states.push({ name, uid, status: { accepted: policy !== undefined, message, rules, observedGeneration } });
  }
  return { active: activatePolicies([...lastGood.values(), base], checklist, ownNamespace), states, lastGood };
}

function refusal(mistakes: readonly ParamMistake[], formerStays: boolean): string {
  const lines = mistakes.map(({ pointer, message }) => `${fieldPath(pointer)}: ${message}`);
  return [formerStays ? 'ignored, the version before it stays in force:' : 'ignored:', ...lines].join('\n');
}

/** As kubectl lists them. */
function byName(a: KubernetesObject, b: KubernetesObject): number {
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
}
