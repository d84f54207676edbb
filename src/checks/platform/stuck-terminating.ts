import { at, fields, list, text } from '../../kubernetes/fields.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { defineCheck } from '../check.ts';

interface Params {
  /** Minutes that a deletion may take. */
  maxMinutes: number;
}

export const stuckTerminating = defineCheck<Params>({
  id: 'platform/stuck-terminating',
  title: 'Deletions come to an end',
  why: 'whoever should take the finalizer off is gone or broken, and the name cannot be used again until it is mended',
  prevents: [
    'a namespace that stays Terminating for days, and a deployment into it that fails: … because it is being terminated',
    'a volume that is paid for and that nobody can delete',
  ],
  remedy:
    'Find out who owns the finalizer, and bring that controller back. Taking the finalizer off by hand leaves behind what it stood for: a ' +
    'disk, a load balancer, records in a DNS.',
  severity: 'medium',
  kinds: ['core/Namespace', 'core/PersistentVolumeClaim', 'core/Pod'],
  // A deletion has no place in a file.
  sources: ['live'],
  reads: {},
  params: {
    schema: {
      type: 'object',
      properties: {
        maxMinutes: { type: 'integer', minimum: 1, description: 'Minutes that a deletion may take.' },
      },
      required: [],
      additionalProperties: false,
    },
    defaults: { maxMinutes: 60 },
  },
  *evaluate({ object, now }, { maxMinutes }) {
    const { deletionTimestamp } = object.metadata;
    const minutes = Math.floor((now - Date.parse(String(deletionTimestamp))) / 60_000);
    const finalizers = finalizersOf(object);
    if (!deletionTimestamp || !(minutes > maxMinutes) || finalizers.length === 0) return;
    const kind = object.kind.toLowerCase();
    const where = object.metadata.namespace === undefined ? '' : ` -n ${object.metadata.namespace}`;
    yield {
      identity: 'deletion',
      path: object.kind === 'Namespace' ? '/spec/finalizers' : '/metadata/finalizers',
      message: `its deletion has taken ${lasting(minutes)} so far, held by ${finalizers.join(', ')}`.slice(0, 120),
      fix: `Find out what is still there, and bring back the controller that clears it away:\nkubectl get ${kind} ${object.metadata.name}${where} -o yaml`,
    };
  },
});

/** A Namespace has one of its own in its spec, and tells in its status what is still in it. */
function finalizersOf(object: KubernetesObject): readonly string[] {
  const own = list(object.metadata.finalizers).filter((one) => typeof one === 'string');
  if (object.kind !== 'Namespace') return own;
  const reasons = list(at(object, 'status', 'conditions'))
    .map(fields)
    .filter(({ status, type }) => status === 'True' && type !== 'NamespaceDeletionContentFailure')
    .map(({ type }) => text(type) ?? '');
  return [...own, ...list(at(object, 'spec', 'finalizers')).map(String), ...reasons];
}

function lasting(minutes: number): string {
  if (minutes < 120) return `${minutes} minutes`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} hours` : `${Math.floor(minutes / (24 * 60))} days`;
}
