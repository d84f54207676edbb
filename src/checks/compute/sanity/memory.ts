import { describeBytes, mebibytes } from '../../../kubernetes/amount.ts';
import type { Finding } from '../../check.ts';
import { type Amount, has, shared, yaml } from './amount.ts';

const oneMi = 2n ** 20n * 10n ** 9n;
const most = 24n * 2n ** 40n * 10n ** 9n;

/** @param minimum of a request, in nano bytes; a limit needs twice as much */
export function judgeMemory(amount: Amount, minimum: bigint): Finding | undefined {
  const { nano, written, field } = amount;
  if (nano < oneMi) return describeTinyMemory(amount);
  if (nano > most) return describeHugeMemory(amount);
  if (written.endsWith('m')) return describeMilliBytes(amount);
  const least = field === 'limits' ? 2n * minimum : minimum;
  return nano < least ? describeLittleMemory(amount, least) : undefined;
}

function describeTinyMemory(amount: Amount): Finding {
  const digits = /^\d+/.exec(amount.written)?.[0];
  const meant = digits === undefined || digits.length > 5 || Number(digits) < 4 ? '64Mi' : `${digits}Mi`;
  return {
    ...shared(amount, 'memory'),
    message: `${has(amount, 'memory')}, which is ${describeBytes(amount.nano)}`,
    why:
      amount.field === 'limits'
        ? 'no process fits into that, so the container is killed before it starts'
        : 'nothing is reserved for it, so the scheduler overfills the node and it is evicted first',
    fix: `Write the amount that is meant, with its unit:\n${yaml(amount, 'memory', meant)}`,
  };
}

function describeHugeMemory(amount: Amount): Finding {
  return {
    ...shared(amount, 'memory'),
    message: `${has(amount, 'memory')}, more than any node has`,
    fix: `Write the amount that is meant, with its unit:\n${yaml(amount, 'memory', '1Gi')}`,
  };
}

function describeMilliBytes(amount: Amount): Finding {
  return {
    ...shared(amount, 'memory'),
    message: `${has(amount, 'memory')}, in thousandths of a byte`,
    why: 'the suffix m stands for a thousandth (mega is M), and nobody who reads this will know what was meant',
    fix: `Write it with a unit of memory:\n${yaml(amount, 'memory', mebibytes(amount.nano))}`,
    atMost: 'Warn',
    severity: 'low',
  };
}

function describeLittleMemory(amount: Amount, least: bigint): Finding {
  return {
    ...shared(amount, 'memory'),
    message: `${has(amount, 'memory')}, less than ${describeBytes(least)}`,
    why: 'the runtime alone needs about as much to start a container',
    fix: `Write what it uses, for example:\n${yaml(amount, 'memory', '64Mi')}`,
    atMost: 'Warn',
    severity: 'medium',
  };
}
