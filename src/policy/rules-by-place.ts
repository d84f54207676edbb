import { fields } from '../kubernetes/fields.ts';
import { matchesSelector } from '../kubernetes/label-selector.ts';
import type { GroupKind, KubernetesObject } from '../kubernetes/object.ts';
import type { ActiveMatch, ActiveRule, CheckRules } from './active-policy.ts';

/** Where an object lives. */
export interface Place {
  /** Name of the namespace, or of the Namespace that is judged itself; undefined for other cluster-scoped objects. */
  readonly name: string | undefined;
  /** The Namespace, where it is known. */
  readonly namespace: KubernetesObject | undefined;
}

/** Names of namespaces that are remembered without their object; they come from requests, so there must be an end. */
const rememberedNames = 1000;

type Answers = Map<GroupKind, readonly CheckRules[]>;

/**
 * The rules of each kind that can match in a place. With many policies most rules are about other namespaces, so the
 * answer is kept for as long as a Namespace object lives: views never change one in place.
 */
export function rulesByPlace(
  byKind: ReadonlyMap<GroupKind, readonly CheckRules[]>,
): (kind: GroupKind, place: Place) => readonly CheckRules[] {
  const byNamespace = new WeakMap<KubernetesObject, Answers>();
  const byName = new Map<string | undefined, Answers>();
  const shared = new Map<string, readonly CheckRules[]>();

  function answersFor({ name, namespace }: Place): Answers {
    let answers = namespace === undefined ? byName.get(name) : byNamespace.get(namespace);
    if (answers !== undefined) return answers;
    answers = new Map();
    if (namespace !== undefined) byNamespace.set(namespace, answers);
    else {
      if (byName.size >= rememberedNames) byName.clear();
      byName.set(name, answers);
    }
    return answers;
  }

  return (kind, place) => {
    const all = byKind.get(kind);
    if (all === undefined) return [];
    const answers = answersFor(place);
    let fitting = answers.get(kind);
    if (fitting === undefined) answers.set(kind, (fitting = narrow(all, kind, place, shared)));
    return fitting;
  };
}

/** Thousands of namespaces have only a few different answers, which they share. */
function narrow(
  all: readonly CheckRules[],
  kind: GroupKind,
  place: Place,
  shared: Map<string, readonly CheckRules[]>,
): readonly CheckRules[] {
  const narrowed = all.map(({ check, rules }) => ({
    check,
    rules: reachable(rules.filter(({ match }) => canMatch(match, kind, place))),
  }));
  const numbers = narrowed.map(({ rules }, index) => rules.map((rule) => all[index]?.rules.indexOf(rule)).join(','));
  const signature = `${kind} ${numbers.join(' ')}`;
  let fitting = shared.get(signature);
  if (fitting === undefined) shared.set(signature, (fitting = narrowed.filter(({ rules }) => rules.length > 0)));
  return fitting;
}

function canMatch(match: ActiveMatch, kind: GroupKind, { name, namespace }: Place): boolean {
  if (match.kinds !== undefined && !match.kinds.has(kind)) return false;
  if (match.namespace !== undefined && (name === undefined || !match.namespace(name))) return false;
  if (name !== undefined && match.excludedNamespace?.(name)) return false;
  if (match.namespaceSelector === undefined) return true;
  return namespace !== undefined && selects(match.namespaceSelector, namespace);
}

function selects(selector: object, { metadata }: KubernetesObject): boolean {
  return matchesSelector(selector, fields(metadata.labels) as Record<string, string>) === 'yes';
}

/** The first rule that matches decides, so nothing is reached behind one that asks for no label of the object. */
function reachable(rules: readonly ActiveRule[]): readonly ActiveRule[] {
  const last = rules.findIndex(({ match }) => match.objectSelector === undefined);
  return last === -1 ? rules : rules.slice(0, last + 1);
}
