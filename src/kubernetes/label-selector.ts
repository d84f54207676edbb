import { at, type Fields, fields, isFields, list, own } from './fields.ts';

/** `maybe`: the selector asks for a label that only appears on the Pod once a controller or the scheduler has made it. */
export type Match = 'yes' | 'no' | 'maybe';

/**
 * Whether a `metav1.LabelSelector` selects these labels. A missing selector selects nothing and `{}` everything
 * (policy/v1 PodDisruptionBudget too); an invalid one selects nothing, since the API server would refuse it.
 */
export function matchesSelector(selector: unknown, labels: Readonly<Record<string, string>>): Match {
  if (!isFields(selector)) return 'no';
  const { matchLabels, matchExpressions } = selector;
  const equalities = isAbsent(matchLabels) ? 'yes' : matchesEqualities(matchLabels, labels);
  if (equalities === 'no' || isAbsent(matchExpressions)) return equalities;
  if (!Array.isArray(matchExpressions)) return 'no';
  return matchExpressions.reduce<Match>((so, one) => both(so, matchesRequirement(fields(one), labels)), equalities);
}

/** Whether a plain map of labels, as in a Service, selects these; an empty or missing map is no selector and selects nothing. */
export function matchesLabels(selector: unknown, labels: Readonly<Record<string, string>>): Match {
  return isFields(selector) && Object.keys(selector).length > 0 ? matchesEqualities(selector, labels) : 'no';
}

/** Whether the selector is one without requirements: `{}`, or with only empty ones. */
export function selectsAll(selector: unknown): boolean {
  return isFields(selector) && isEmpty(selector['matchLabels']) && isEmpty(selector['matchExpressions']);
}

/** The keys that a LabelSelector asks for. */
export function selectorKeys(selector: unknown): readonly string[] {
  const expressions = list(at(selector, 'matchExpressions')).map((one) => String(at(one, 'key')));
  return [...Object.keys(fields(at(selector, 'matchLabels'))), ...expressions];
}

function matchesEqualities(wanted: unknown, labels: Readonly<Record<string, string>>): Match {
  if (!isFields(wanted)) return 'no';
  let match: Match = 'yes';
  // Not entries(): this is asked a hundred times a request where there are many policies and exemptions.
  for (const key of Object.keys(wanted)) {
    const value = wanted[key];
    const found = own(labels, key);
    if (found === undefined && isAddedLater(key) && typeof value === 'string') match = 'maybe';
    else if (found !== value) return 'no';
  }
  return match;
}

function matchesRequirement(requirement: Fields, labels: Readonly<Record<string, string>>): Match {
  const { key, operator, values } = requirement;
  if (typeof key !== 'string' || !isValid(operator, values)) return 'no';
  const found = own(labels, key);
  if (found === undefined && isAddedLater(key)) return 'maybe';
  // A missing key satisfies NotIn: that is the API's rule, not a slip.
  if (operator === 'In') return answer((values as unknown[]).includes(found));
  if (operator === 'NotIn') return answer(!(values as unknown[]).includes(found));
  return answer((found !== undefined) === (operator === 'Exists'));
}

/** In and NotIn need values, Exists and DoesNotExist must not have any. Source: apimachinery ValidateLabelSelectorRequirement. */
function isValid(operator: unknown, values: unknown): boolean {
  if (operator === 'In' || operator === 'NotIn') return Array.isArray(values) && values.length > 0;
  return (operator === 'Exists' || operator === 'DoesNotExist') && isEmpty(values);
}

function both(a: Match, b: Match): Match {
  if (a === 'no' || b === 'no') return 'no';
  return a === 'maybe' ? a : b;
}

function answer(holds: boolean): Match {
  return holds ? 'yes' : 'no';
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function isEmpty(value: unknown): boolean {
  return isAbsent(value) || (typeof value === 'object' && Object.keys(value as object).length === 0);
}

/** Labels that controllers write on each Pod (the last one of them Patroni, on the primary of a database), and the node's place, which the API server copies at binding from 1.35. */
const addedLater: ReadonlySet<string> = new Set([
  'pod-template-hash',
  'rollouts-pod-template-hash',
  'controller-revision-hash',
  'pod-template-generation',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'job-name',
  'controller-uid',
  'spilo-role',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
]);

/** Whether pods get the label only once they are made, so that no template can carry it. */
export function isAddedLater(key: string): boolean {
  return addedLater.has(key) || key.startsWith('batch.kubernetes.io/');
}
