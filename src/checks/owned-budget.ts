import { controllerOf } from '../kubernetes/object.ts';
import type { CheckSubject } from './check.ts';

/**
 * Operators close a budget for the length of a repair (Rook while it moves data) or keep one for a single primary
 * (CloudNativePG, KubeVirt). They ask as service accounts; an ownerReference alone could be anyone's.
 */
export function ceilingOfOwned({ object, user }: CheckSubject): { readonly atMost?: 'Audit' } {
  const byOperator = user === undefined || user.startsWith('system:serviceaccount:');
  return controllerOf(object) !== undefined && byOperator ? { atMost: 'Audit' } : {};
}
