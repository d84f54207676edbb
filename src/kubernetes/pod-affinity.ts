import { at, type Fields, fields, list, text } from './fields.ts';
import { pointerTo } from './json-pointer.ts';
import { type Match, matchesSelector } from './label-selector.ts';
import type { PodTemplate } from './pod-template.ts';

/** One term of a pod's affinity or anti-affinity to other pods. */
export interface PodAffinityTerm {
  /** JSON Pointer to the term, of a preferred one to the term in it. */
  readonly pointer: string;
  readonly topologyKey: string;
  /** A preference only ranks nodes; a required term rules them out. */
  readonly required: boolean;
  readonly term: Fields;
}

const required = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';

/** Both kinds of terms, the required ones first. */
export function podAffinityTerms(
  { spec, pointer }: PodTemplate,
  field: 'podAffinity' | 'podAntiAffinity',
): readonly PodAffinityTerm[] {
  const affinity = at(spec, 'affinity', field);
  if (affinity === undefined) return [];
  const base = pointerTo(pointer, 'spec', 'affinity', field);
  return [
    ...list(at(affinity, required)).map((term, i) => readTerm(term, pointerTo(base, required, i), true)),
    ...list(at(affinity, preferred)).map((one, i) =>
      readTerm(at(one, 'podAffinityTerm'), pointerTo(base, preferred, i, 'podAffinityTerm'), false),
    ),
  ];
}

/** Whether the term speaks of the pods of its own template: by their labels, and in the namespaces that it looks at. */
export function concernsItself(
  { term }: PodAffinityTerm,
  { labels }: PodTemplate,
  namespace: string | undefined,
): Match {
  const match = matchesSelector(term['labelSelector'], labels);
  const { namespaces, namespaceSelector } = term;
  if (match === 'no' || list(namespaces).includes(namespace)) return match;
  if (namespaceSelector === undefined || namespaceSelector === null)
    return list(namespaces).length === 0 ? match : 'no';
  // Which labels the namespace has is not known here; an empty selector means every namespace.
  return Object.keys(fields(namespaceSelector)).length === 0 ? match : 'maybe';
}

function readTerm(term: unknown, pointer: string, isRequired: boolean): PodAffinityTerm {
  return { pointer, topologyKey: text(at(term, 'topologyKey')) ?? '', required: isRequired, term: fields(term) };
}
