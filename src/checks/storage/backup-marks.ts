import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { at, fields } from '../../kubernetes/fields.ts';

/** Of Kasten, of Velero, and for whatever else keeps a copy. */
export const backupMarks: readonly string[] = ['k10.kasten.io/', 'backup.velero.io/', 'daytwo.dev/backed-up'];

/** Names volumes of a pod that Velero leaves out. */
const excluding = 'backup.velero.io/backup-volumes-excludes';

/** Whether a label or annotation that begins with one of the marks is on the namespace, or in one of these metadata. */
export function isMarked(
  metadata: readonly unknown[],
  namespace: string | undefined,
  marks: readonly string[],
  view: ClusterView,
): boolean {
  const around = namespace === undefined ? undefined : view.get('core/Namespace', undefined, namespace)?.metadata;
  return [...metadata, around].some((one) =>
    [at(one, 'labels'), at(one, 'annotations')].some((map) =>
      Object.keys(fields(map)).some((key) => key !== excluding && marks.some((mark) => key.startsWith(mark))),
    ),
  );
}
