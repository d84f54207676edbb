import { judge } from '../engine/judge.ts';
import type { ClusterView } from '../kubernetes/cluster-view.ts';
import { at, list, text } from '../kubernetes/fields.ts';
import type { KubernetesObject } from '../kubernetes/object.ts';
import type { ActivePolicy } from '../policy/active-policy.ts';
import { endOf } from '../policy/end-of.ts';
import { exemptionName, type ExemptionState, readExemption } from '../policy/exemption.ts';

/** One exemption, what it is worth and what it does. Texts are as somebody wrote them. */
export interface ReportedExemption {
  readonly namespace: string;
  readonly name: string;
  readonly checks: readonly string[];
  /** `apps/Deployment legacy`, `apps/Deployment app=legacy` */
  readonly target: string;
  readonly owner: string;
  readonly reason: string;
  readonly until: string;
  /** Whole days until it ends; negative when it is over, undefined where `until` is no date. */
  readonly daysLeft: number | undefined;
  /** Whole days since it was made; undefined for one in a file. */
  readonly ageDays: number | undefined;
  readonly state: ExemptionState;
  readonly message: string;
  /** How many findings it excuses; undefined where its objects may not be read. */
  readonly uses: number | undefined;
}

/** An object that exemptions may be for. */
export interface JudgedObject {
  readonly object: KubernetesObject;
  readonly namespace: string | undefined;
}

/** What exemptions are counted against. */
export interface CountedObjects {
  readonly objects: Iterable<JudgedObject>;
  readonly source: 'files' | 'live';
  readonly view: ClusterView;
  /** Whether the objects that an exemption is for are among them. */
  readonly areRead: (exemption: KubernetesObject) => boolean;
}

const day = 86_400_000;

/**
 * The exemptions by namespace and name, with their uses counted by judging the objects.
 * @param now milliseconds since 1970
 */
export function reportExemptions(
  exemptions: readonly KubernetesObject[],
  counted: CountedObjects,
  policy: ActivePolicy,
  now: number,
): readonly ReportedExemption[] {
  const uses = countUses(counted, policy, now);
  const usesOf = (object: KubernetesObject): number | undefined =>
    counted.areRead(object) ? (uses.get(exemptionName(object)) ?? 0) : undefined;
  return exemptions
    .map((object) => describe(object, usesOf(object), policy, now))
    .sort((a, b) => compare(a.namespace, b.namespace) || compare(a.name, b.name));
}

function countUses(
  { objects, source, view }: CountedObjects,
  policy: ActivePolicy,
  now: number,
): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  const asked = { operation: 'CREATE', oldObject: undefined, subresource: undefined, user: undefined } as const;
  for (const { object, namespace } of objects) {
    const { results } = judge({ ...asked, object, namespace, source, now, dryRun: false }, policy, view);
    for (const { exempted } of results) {
      if (exempted === undefined) continue;
      uses.set(exempted.exemption, (uses.get(exempted.exemption) ?? 0) + exempted.findings.length);
    }
  }
  return uses;
}

function describe(
  object: KubernetesObject,
  uses: number | undefined,
  { checklist }: ActivePolicy,
  now: number,
): ReportedExemption {
  const { namespace = '', name = '', creationTimestamp } = object.metadata;
  const spec = object['spec'];
  const until = text(at(spec, 'until')) ?? '';
  const end = endOf(until);
  const created = Date.parse(creationTimestamp ?? '');
  const { state, message } = readExemption(object, now, checklist);
  return {
    namespace,
    name,
    checks: list(at(spec, 'checks')).filter((one) => typeof one === 'string'),
    target: describeTarget(at(spec, 'target')),
    owner: text(at(spec, 'owner')) ?? '',
    reason: text(at(spec, 'reason')) ?? '',
    until,
    daysLeft: end === undefined ? undefined : Math.floor((end - now) / day),
    ageDays: Number.isNaN(created) ? undefined : Math.floor((now - created) / day),
    state,
    message,
    uses,
  };
}

function describeTarget(target: unknown): string {
  const kind = text(at(target, 'kind')) ?? '';
  const name = text(at(target, 'name'));
  if (name !== undefined) return `${kind} ${name}`;
  const labels = Object.entries(at(target, 'selector', 'matchLabels') ?? {}).map(([key, value]) => `${key}=${value}`);
  const requirements = list(at(target, 'selector', 'matchExpressions')).map((one) => {
    const values = list(at(one, 'values'));
    const shown = values.length === 0 ? '' : ` (${values.join(',')})`;
    return `${text(at(one, 'key')) ?? ''} ${text(at(one, 'operator')) ?? ''}${shown}`;
  });
  return `${kind} ${[...labels, ...requirements].join(', ')}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
