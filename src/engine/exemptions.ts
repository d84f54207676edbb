import type { Check, CheckSubject } from '../checks/check.ts';
import type { ClusterView } from '../kubernetes/cluster-view.ts';
import type { KubernetesObject } from '../kubernetes/object.ts';
import { exemptionKind, exemptionName, names, readExemption } from '../policy/exemption.ts';
import { exemptionsFor } from '../policy/exemption-index.ts';

/** What the exemptions of a namespace say about the findings of one check. */
export interface Excuse {
  /** An active one that covers them, with the words for it; undefined where there is none. */
  readonly active: { readonly exemption: string; readonly message: string } | undefined;
  /** One that was meant for them and counts as none: `exemption shop/legacy expired on 2026-11-01`. */
  readonly note: string | undefined;
}

/** Finds excuses for one object. */
export type Excuses = (check: Check) => Excuse;

const none: Excuse = Object.freeze({ active: undefined, note: undefined });

/**
 * Reads the exemptions of the object's namespace when the first finding asks for one, and never before: most requests have
 * none. What a view still lists counts, even if it is stale: exemptions end by their date.
 */
export function excusesFor(subject: CheckSubject, view: ClusterView, checklist: readonly Check[]): Excuses {
  // Objects of cluster scope have none, and the API server says of a Namespace that it lives in itself.
  const namespace = subject.groupKind === 'core/Namespace' ? undefined : subject.namespace;
  let aimed: readonly KubernetesObject[] | undefined;
  return (check) => {
    if (namespace === undefined) return none;
    aimed ??= exemptionsFor(view.list(exemptionKind, namespace), subject);
    return bestOf(aimed, check, subject.now, checklist);
  };
}

function bestOf(aimed: readonly KubernetesObject[], check: Check, now: number, checklist: readonly Check[]): Excuse {
  let note: string | undefined;
  for (const object of aimed) {
    if (!names(object, check.id)) continue;
    const read = readExemption(object, now, checklist);
    const exemption = exemptionName(object);
    if (read.state !== 'Active') note ??= `exemption ${exemption} ${read.message}`;
    else {
      const { owner, reason } = read.spec;
      const message = `exemption ${exemption} ${read.message} (${owner}): ${reason}`;
      return { active: { exemption, message }, note: undefined };
    }
  }
  return note === undefined ? none : { active: undefined, note };
}
