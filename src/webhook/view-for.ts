import type { Unconfirmed } from '../engine/decision.ts';
import type { ClusterView } from '../kubernetes/cluster-view.ts';
import type { AdmitOptions } from './admit.ts';
import type { AdmissionRequest } from './decode.ts';

/** Without the labels of its namespace a production workload would be judged as any other. */
export function viewFor(request: AdmissionRequest, { view, lookUp }: AdmitOptions): ClusterView | Promise<ClusterView> {
  const unseen = unseenNamespace(request, view());
  if (unseen.length === 0 || lookUp === undefined) return view();
  return lookUp(unseen).then((seen) => seen ?? view());
}

/** A workload can come in the same second as its namespace, before the watch brings that. */
export function unseenNamespace(request: AdmissionRequest, view: ClusterView): readonly Unconfirmed[] {
  const { groupKind, namespace, operation } = request;
  const kind = 'core/Namespace';
  // The API server says of a Namespace that it lives in itself.
  if (namespace === undefined || groupKind === kind) return [];
  const held = view.get(kind, undefined, namespace);
  // Nothing is created in one that is being deleted: there is another of that name by now.
  const seen = held !== undefined && !(operation === 'CREATE' && held.metadata.deletionTimestamp);
  return seen ? [] : [{ kind, namespace }];
}
