import type { Request } from '../engine/decision.ts';
import { judge } from '../engine/judge.ts';
import { at, text } from '../kubernetes/fields.ts';
import { sameJson } from '../kubernetes/json-patch.ts';
import type { GroupKind, KubernetesObject } from '../kubernetes/object.ts';
import { exemptionKind, exemptionName, readExemption } from '../policy/exemption.ts';
import type { Term } from './background.ts';
import type { JudgedNamespace } from './standing-findings.ts';

export interface ExemptionStatusOptions {
  /** Whole objects, by name or all of the kind; undefined where they cannot be read. */
  readonly readTargets: (target: {
    readonly kind: GroupKind;
    readonly namespace: string;
    readonly name: string | undefined;
  }) => Promise<readonly KubernetesObject[] | undefined>;
  readonly writeStatus: (object: KubernetesObject, status: object) => Promise<void>;
}

/** Milliseconds between two counts of what one generation of an exemption excuses: counting reads whole objects. */
const recount = 60_000;

/** Keeps the status of the exemptions of a namespace: what each is worth, and how many findings it excuses at present. */
export function exemptionStatusWriter(
  options: ExemptionStatusOptions,
): (namespace: string, judged: JudgedNamespace, term: Pick<Term, 'holds'>) => Promise<void> {
  const countedAt = new Map<string, number>();
  return async (namespace, judged, term) => {
    const { view, policy, now } = judged;
    for (const [key, time] of countedAt) if (time + recount <= now) countedAt.delete(key);
    for (const exemption of view.list(exemptionKind, namespace)) {
      const { uid = '', generation } = exemption.metadata as { readonly uid?: string; readonly generation?: number };
      const read = readExemption(exemption, now, policy.checklist);
      const key = `${uid} ${generation ?? ''} ${read.state}`;
      if (countedAt.has(key)) continue;
      countedAt.set(key, now);
      const uses = read.state === 'Active' ? await countUses(exemption, namespace, judged, options) : 0;
      // Null takes out of a merge what is not known.
      const status = { state: read.state, message: read.message, uses: uses ?? null, observedGeneration: generation };
      if (!sameJson(exemption['status'], uses === undefined ? { ...status, uses: undefined } : status) && term.holds())
        await options.writeStatus(exemption, status);
    }
  };
}

async function countUses(
  exemption: KubernetesObject,
  namespace: string,
  { view, policy, now }: JudgedNamespace,
  { readTargets }: ExemptionStatusOptions,
): Promise<number | undefined> {
  const target = at(exemption, 'spec', 'target');
  const kind = text(at(target, 'kind')) as GroupKind;
  const objects = await readTargets({ kind, namespace, name: text(at(target, 'name')) });
  if (objects === undefined) return undefined;
  const name = exemptionName(exemption);
  let uses = 0;
  for (const object of objects) {
    const { results } = judge(requestFor(object, namespace, now), policy, view);
    for (const { exempted } of results) if (exempted?.exemption === name) uses += exempted.findings.length;
  }
  return uses;
}

/** As if it came now: some things are told only of what comes. */
function requestFor(object: KubernetesObject, namespace: string, now: number): Request {
  return {
    object,
    oldObject: undefined,
    operation: 'CREATE',
    subresource: undefined,
    source: 'live',
    namespace,
    user: undefined,
    dryRun: false,
    now,
  };
}
