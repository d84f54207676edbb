import { at, fields, list } from '../kubernetes/fields.ts';
import { sameJson } from '../kubernetes/json-patch.ts';
import { controllerOf, type GroupKind, type KubernetesObject } from '../kubernetes/object.ts';
import type { ApiClient } from './client.ts';
import { patience } from './look-up.ts';
import { resourcePath } from './resource-path.ts';

/** Where the templates of earlier revisions are kept: those of a Deployment in its ReplicaSets. */
interface History {
  readonly apiVersion: string;
  readonly resource: string;
  readonly template: readonly string[];
}

const replicaSets: History = { apiVersion: 'apps/v1', resource: 'replicasets', template: ['spec', 'template'] };
const revisions: History = {
  apiVersion: 'apps/v1',
  resource: 'controllerrevisions',
  template: ['data', 'spec', 'template'],
};
const histories: ReadonlyMap<GroupKind, History> = new Map([
  ['apps/Deployment', replicaSets],
  ['apps/StatefulSet', revisions],
  ['apps/DaemonSet', revisions],
]);

/** A Deployment keeps ten old ReplicaSets, unless it says otherwise. */
const most = 500;

/** Whether the template of the workload is that of a revision that it had before. False where nobody can say in half a second. */
export async function ranBefore(client: ApiClient, object: KubernetesObject, kind: GroupKind): Promise<boolean> {
  const history = histories.get(kind);
  const { namespace, uid } = object.metadata;
  if (history === undefined || uid === undefined) return false;
  const labels = Object.entries(fields(at(object, 'spec', 'selector', 'matchLabels')));
  const query = { limit: most, labelSelector: labels.map(([key, value]) => `${key}=${String(value)}`).join(',') };
  const wanted = bare(at(object, 'spec', 'template'));
  try {
    const path = resourcePath(history.apiVersion, history.resource, namespace);
    const answer = await client.request({ path, query, signal: AbortSignal.timeout(patience) });
    return list(at(answer, 'items')).some(
      (one) =>
        controllerOf(one as KubernetesObject)?.uid === uid && sameJson(bare(at(one, ...history.template)), wanted),
    );
  } catch {
    return false;
  }
}

/** Without what is written into the template of a revision alone. */
function bare(template: unknown): object {
  const { metadata, spec } = fields(template);
  const { creationTimestamp: _none, labels, ...others } = fields(metadata);
  const { 'pod-template-hash': _hash, ...own } = fields(labels);
  return { metadata: { ...others, labels: own }, spec };
}
