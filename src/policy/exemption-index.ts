import type { CheckSubject } from '../checks/check.ts';
import type { KubernetesObject } from '../kubernetes/object.ts';
import { aimsAt, targetOf } from './exemption.ts';

/** The exemptions of a namespace, so that those for one object are found without a look at the others. */
interface ExemptionIndex {
  /** By `apps/Deployment checkout`. */
  readonly byName: ReadonlyMap<string, readonly KubernetesObject[]>;
  /** Those that go by labels, or mean all names. */
  readonly others: readonly KubernetesObject[];
}

/** A view gives the same list again as long as nothing in it has changed. */
const indexes = new WeakMap<Iterable<KubernetesObject>, ExemptionIndex>();

/**
 * The exemptions that are meant for the object, whatever they are worth.
 * @param exemptions those of its namespace, as a view lists them
 */
export function exemptionsFor(
  exemptions: Iterable<KubernetesObject>,
  subject: CheckSubject,
): readonly KubernetesObject[] {
  let index = indexes.get(exemptions);
  if (index === undefined) indexes.set(exemptions, (index = indexByTarget(exemptions)));
  const named = index.byName.get(`${subject.groupKind} ${subject.object.metadata.name ?? ''}`) ?? [];
  const others = index.others.filter((object) => aimsAt(object, subject));
  return others.length === 0 ? named : [...named, ...others];
}

function indexByTarget(exemptions: Iterable<KubernetesObject>): ExemptionIndex {
  const byName = new Map<string, KubernetesObject[]>();
  const others: KubernetesObject[] = [];
  for (const object of exemptions) {
    const { kind, name } = targetOf(object);
    if (typeof name !== 'string' || name.includes('*')) others.push(object);
    else {
      const key = `${String(kind)} ${name}`;
      const named = byName.get(key);
      if (named === undefined) byName.set(key, [object]);
      else named.push(object);
    }
  }
  return { byName, others };
}
