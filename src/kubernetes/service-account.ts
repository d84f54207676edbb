import type { ClusterView } from './cluster-view.ts';
import { text } from './fields.ts';
import type { GroupKind, KubernetesObject } from './object.ts';
import type { PodTemplate } from './pod-template.ts';

export const serviceAccountKind: GroupKind = 'core/ServiceAccount';

/** The one that a controller makes in each namespace, and that pods get which name none. */
export const defaultServiceAccount = 'default';

/** As whom the pods run. `serviceAccount` is the former name of the field; where both are written it loses. */
export function serviceAccountOf({ spec }: PodTemplate): string {
  return text(spec['serviceAccountName']) || text(spec['serviceAccount']) || defaultServiceAccount;
}

/** @returns undefined for an account that the view does not hold: whether there is none depends on what the view knows */
export function findServiceAccount(
  template: PodTemplate,
  namespace: string | undefined,
  view: ClusterView,
): KubernetesObject | undefined {
  return view.get(serviceAccountKind, namespace, serviceAccountOf(template));
}
