import { describeCores } from '../../../kubernetes/amount.ts';
import type { ClusterView } from '../../../kubernetes/cluster-view.ts';
import { at } from '../../../kubernetes/fields.ts';
import { allocatable } from '../../../kubernetes/pod-request.ts';
import type { Finding } from '../../check.ts';
import { type Amount, has, shared, whoOf, yaml } from './amount.ts';

const oneMilli = 10n ** 6n;

/** @param slip nano cores from which on millicores were meant */
export function judgeCpu(amount: Amount, slip: bigint, view: ClusterView): Finding | undefined {
  if (amount.nano >= slip && isRequest(amount)) return describeManyCores(amount, view);
  return amount.nano % oneMilli === 0n ? undefined : describeFineCpu(amount);
}

/** A limit alone becomes the request as well. */
function isRequest({ field, place }: Amount): boolean {
  return field === 'requests' || at(place.resources, 'requests', 'cpu') === undefined;
}

function describeManyCores(amount: Amount, view: ClusterView): Finding {
  const whole = /^\d+$/.test(amount.written);
  return {
    ...shared(amount, 'cpu'),
    message: `${whoOf(amount.place)} requests ${describeCores(amount.nano)} cores of cpu`,
    why: 'hardly a node has so many, and without one its pods stay Pending (Insufficient cpu)',
    fix: `Write millicores with an m, if ${whole ? `${amount.written}m was` : 'those were'} meant:\n${yaml(amount, 'cpu', whole ? `${amount.written}m` : '500m')}`,
    ...(mayExist(amount.nano, view) && { atMost: 'Warn' }),
  };
}

/** Whether the largest Node comes close enough to such a number for a larger one to be on its way. */
function mayExist(nano: bigint, view: ClusterView): boolean {
  let largest = 0n;
  for (const node of view.list('core/Node')) {
    const cores = allocatable(node, 'cpu');
    if (cores > largest) largest = cores;
  }
  return nano <= 4n * largest;
}

function describeFineCpu(amount: Amount): Finding {
  return {
    ...shared(amount, 'cpu'),
    message: `${has(amount, 'cpu')}, finer than the 1m that counts`,
    why: 'it is rounded up to the next thousandth of a core, and was perhaps meant to be more',
    fix: `Write whole millicores, for example:\n${yaml(amount, 'cpu', '50m')}`,
    atMost: 'Warn',
    severity: 'low',
  };
}
