import { text } from '../../../kubernetes/fields.ts';
import { annotationOf, type KubernetesObject, labelOf } from '../../../kubernetes/object.ts';

/**
 * Whether a store (External Secrets, Sealed Secrets, Vault, …) delivers the Secret: still a static key, but rotated in one
 * place, and a refusal would only make its controller retry for ever.
 * @param owners kinds of owners, `*` for any rest
 */
export function isStoreManaged(object: KubernetesObject, owners: readonly string[]): boolean {
  return (
    labelOf(object, 'reconcile.external-secrets.io/managed') === 'true' ||
    labelOf(object, 'secrets-store.csi.k8s.io/managed') === 'true' ||
    annotationOf(object, 'sealedsecrets.bitnami.com/managed') !== undefined ||
    (object.metadata.ownerReferences ?? []).some(({ kind }) => owners.some((owner) => matchesGlob(owner, kind)))
  );
}

/** @param types such as `istio.io/*` */
export function isOfType(object: KubernetesObject, types: readonly string[]): boolean {
  const type = text(object['type']);
  return type !== undefined && types.some((one) => matchesGlob(one, type));
}

/** Labels, owners and types can be written by anyone; they are believed of a controller, and of a file or a stored object. */
export function canBeController(user: string | undefined): boolean {
  return user === undefined || user.startsWith('system:serviceaccount:');
}

function matchesGlob(glob: string, name: string): boolean {
  const [head = '', ...rest] = glob.split('*');
  if (rest.length === 0) return glob === name;
  const tail = rest.at(-1) as string;
  if (!name.startsWith(head) || !name.endsWith(tail) || name.length < head.length + tail.length) return false;
  let from = head.length;
  for (const middle of rest.slice(0, -1)) {
    const found = name.indexOf(middle, from);
    if (found === -1 || found + middle.length > name.length - tail.length) return false;
    from = found + middle.length;
  }
  return true;
}
