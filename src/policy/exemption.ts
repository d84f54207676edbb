import type { Check, CheckId, CheckSubject, ParamMistake } from '../checks/check.ts';
import { at, fields, list, own, text } from '../kubernetes/fields.ts';
import { fieldPath, pointerTo } from '../kubernetes/json-pointer.ts';
import { matchesSelector } from '../kubernetes/label-selector.ts';
import type { GroupKind, KubernetesObject } from '../kubernetes/object.ts';
import { watchedKinds } from '../kubernetes/watched-kinds.ts';
import { endOf } from './end-of.ts';
import { globMatcher } from './glob.ts';
import { type ExemptionSpec, readinessExemptionSchema } from './readiness-exemption.ts';
import { selectorMistakes } from './selector-mistakes.ts';
import { unknownCheck } from './unknown-check.ts';
import { validate } from './validate.ts';

export const exemptionKind = 'daytwo.dev/ReadinessExemption' satisfies GroupKind;

/** `Expired` and `Rejected` (too broad, without a reason, unknown check, …) count as none. */
export type ExemptionState = 'Active' | 'Expired' | 'Rejected';

/** What an exemption object is worth at a moment. */
export type ExemptionRead =
  | { readonly state: 'Active'; readonly message: string; readonly spec: ExemptionSpec }
  | { readonly state: 'Expired' | 'Rejected'; readonly message: string };

const day = 86_400_000;
const longest = 366 * day;

/** @param now milliseconds since 1970 */
export function readExemption(object: KubernetesObject, now: number, checklist: readonly Check[]): ExemptionRead {
  const mistakes = exemptionMistakes(object, now, checklist);
  if (mistakes.length > 0) {
    const words = mistakes.map(({ pointer, message }) => `${fieldPath(pointer)}: ${message}`);
    return { state: 'Rejected', message: `does not count: ${words.join('; ')}` };
  }
  const spec = object['spec'] as ExemptionSpec;
  if (isOver(spec, now)) return { state: 'Expired', message: `expired on ${spec.until}` };
  return { state: 'Active', message: `until ${spec.until}`, spec };
}

/**
 * Everything that is wrong with an exemption when it is written: what makes it count as none, and that it is over already.
 * @param now milliseconds since 1970
 */
export function writtenMistakes(value: unknown, now: number, checklist: readonly Check[]): readonly ParamMistake[] {
  const mistakes = exemptionMistakes(value, now, checklist);
  const spec = at(value, 'spec');
  if (!isOver(spec, now)) return mistakes;
  const today = new Date(now).toISOString().slice(0, 10);
  return [...mistakes, { pointer: '/spec/until', message: `expired on ${text(at(spec, 'until'))}; today is ${today}` }];
}

/** `status` of a ReadinessExemption. */
export interface ExemptionStatus {
  readonly state: ExemptionState;
  readonly message: string;
  /** How many findings it excuses at present. */
  readonly uses: number;
  readonly observedGeneration: number;
}

/**
 * @param now milliseconds since 1970
 * @param uses how many findings it excuses, counted by whoever looks at all objects (`CheckResult.exempted`)
 */
export function exemptionStatus(
  object: KubernetesObject,
  now: number,
  checklist: readonly Check[],
  uses: number,
): ExemptionStatus {
  const { state, message } = readExemption(object, now, checklist);
  return { state, message, uses, observedGeneration: object.metadata.generation ?? 0 };
}

/** Whether the exemption is meant for the object, whatever it is worth. The namespace is the caller's to compare. */
export function aimsAt(object: KubernetesObject, { groupKind, object: subject }: CheckSubject): boolean {
  const { kind, name, selector } = targetOf(object);
  if (kind !== groupKind) return false;
  if (typeof name === 'string') return fits(name, subject.metadata.name ?? '');
  const labels = fields(subject.metadata.labels) as Readonly<Record<string, string>>;
  return matchesSelector(selector, labels) === 'yes';
}

/** `spec.target` as it was written. */
export function targetOf(object: KubernetesObject): {
  readonly kind?: unknown;
  readonly name?: unknown;
  readonly selector?: unknown;
} {
  return fields(at(object, 'spec', 'target'));
}

/** Whether it names the check, or means it by a wildcard, which makes it worth nothing. */
export function names(object: KubernetesObject, check: CheckId): boolean {
  return list(at(object, 'spec', 'checks')).some((written) => typeof written === 'string' && fits(written, check));
}

function fits(written: string, name: string): boolean {
  return written === name || (written.includes('*') && globMatcher([written])(name));
}

/** `shop/legacy` */
export function exemptionName({ metadata }: KubernetesObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
}

/** All but that it is over. */
function exemptionMistakes(value: unknown, now: number, checklist: readonly Check[]): readonly ParamMistake[] {
  const spec = at(value, 'spec');
  return [
    ...validate(readinessExemptionSchema, value),
    ...checkMistakes(spec, checklist),
    ...targetMistakes(own(spec, 'target')),
    ...blankMistakes(spec),
    ...dateMistakes(text(own(spec, 'until')), now),
  ];
}

function* checkMistakes(spec: unknown, checklist: readonly Check[]): Iterable<ParamMistake> {
  const kind = at(spec, 'target', 'kind');
  for (const [index, id] of list(own(spec, 'checks')).entries()) {
    if (typeof id !== 'string') continue;
    const pointer = pointerTo('/spec/checks', index);
    const check = checklist.find((candidate) => candidate.id === id);
    if (id.includes('*'))
      yield { pointer, message: 'too broad: name each check; a wildcard would excuse checks that do not exist yet' };
    else if (check === undefined) yield { pointer, message: unknownCheck(id, checklist) };
    else if (typeof kind === 'string' && !check.kinds.some((judged) => judged === kind))
      yield { pointer, message: `${id} does not judge ${kind}; it judges ${check.kinds.join(', ')}` };
  }
}

function* targetMistakes(target: unknown): Iterable<ParamMistake> {
  const [name, selector] = [own(target, 'name'), own(target, 'selector')];
  const pointer = '/spec/target';
  if ((name === undefined) === (selector === undefined) && target !== undefined)
    yield { pointer, message: 'give exactly one of name and selector' };
  if (watchedKinds.get(String(own(target, 'kind')) as GroupKind)?.namespaced === false)
    yield { pointer: `${pointer}/kind`, message: 'objects of cluster scope have no exemptions; write a rule for them' };
  if (typeof name === 'string' && name.includes('*'))
    yield {
      pointer: `${pointer}/name`,
      message: 'too broad: name one object, or use a selector; there are no wildcards',
    };
  if (selector !== undefined && !isNarrow(selector))
    yield {
      pointer: `${pointer}/selector`,
      message: 'too broad: name at least one label that the objects carry (matchLabels, In or Exists)',
    };
  yield* selectorMistakes(selector, `${pointer}/selector`);
}

/** NotIn and DoesNotExist alone select almost everything. */
function isNarrow(selector: unknown): boolean {
  if (Object.keys(fields(own(selector, 'matchLabels'))).length > 0) return true;
  return list(own(selector, 'matchExpressions')).some((one) =>
    ['In', 'Exists'].includes(text(own(one, 'operator')) ?? ''),
  );
}

function* blankMistakes(spec: unknown): Iterable<ParamMistake> {
  for (const [field, message] of [
    ['reason', 'say why'],
    ['owner', 'say who answers for it'],
  ] as const) {
    const written = own(spec, field);
    // Letters or digits of any script: an invisible character is no reason.
    if (typeof written === 'string' && !/[\p{L}\p{N}]/u.test(written)) yield { pointer: `/spec/${field}`, message };
  }
}

function* dateMistakes(until: string | undefined, now: number): Iterable<ParamMistake> {
  if (until === undefined) return;
  const end = endOf(until);
  const pointer = '/spec/until';
  if (end === undefined) yield { pointer, message: 'write a date (2026-12-31) or a date-time (2026-12-31T18:00:00Z)' };
  else if (end - now > longest + day) {
    const latest = new Date(now + longest).toISOString().slice(0, 10);
    yield { pointer, message: `too broad: more than 366 days ahead; at the latest ${latest}` };
  }
}

function isOver(spec: unknown, now: number): boolean {
  const end = endOf(text(own(spec, 'until')) ?? '');
  return end !== undefined && end <= now;
}
