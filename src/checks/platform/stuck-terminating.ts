import { conditionOf, isTrue } from '../../kubernetes/conditions.ts';
import { at, type Fields, list, text } from '../../kubernetes/fields.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { defineCheck, type Severity } from '../check.ts';

interface Params {
  /** Minutes that a deletion may take. */
  maxMinutes: number;
}

/** Taken off by the control plane itself, when no pod uses the claim any more. */
const inUse = 'kubernetes.io/pvc-protection';

/** Source: pkg/controller/namespace/deletion status_condition_utils. */
const reasons: readonly string[] = [
  'NamespaceDeletionDiscoveryFailure',
  'NamespaceDeletionGroupVersionParsingFailure',
  'NamespaceDeletionContentFailure',
  'NamespaceFinalizersRemaining',
  'NamespaceContentRemaining',
];

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
    if (!deletionTimestamp) return;
    const minutes = Math.floor((now - Date.parse(deletionTimestamp)) / 60_000);
    const finalizers = finalizersOf(object);
    if (!(minutes > maxMinutes) || finalizers.length === 0) return;
    const { holder, ...others } = hold(object, finalizers);
    yield {
      identity: 'deletion',
      path: object.kind === 'Namespace' ? '/spec/finalizers' : '/metadata/finalizers',
      message: `its deletion has taken ${lasting(minutes)} so far, held by ${holder}`.slice(0, 120),
      ...others,
    };
  },
});

/** A Namespace has one of its own in its spec. */
function finalizersOf(object: KubernetesObject): readonly string[] {
  const own = list(object.metadata.finalizers).filter((one) => typeof one === 'string');
  return object.kind === 'Namespace' ? [...own, ...list(at(object, 'spec', 'finalizers')).map(String)] : own;
}

interface Hold {
  /** What keeps the object: its finalizers, or a reason that tells more. */
  readonly holder: string;
  readonly why?: string;
  readonly fix: string;
  readonly severity?: Severity;
}

function hold(object: KubernetesObject, finalizers: readonly string[]): Hold {
  const { name = '', namespace } = object.metadata;
  if (finalizers.length === 1 && finalizers[0] === inUse) {
    return {
      holder: `a pod that still uses it (${inUse})`,
      why: 'no new pod can use it, and when the last one that does is gone, the claim goes, and its volume by the reclaim policy',
      fix: `Stop the pods that use it, or save what is in it before they stop:\nkubectl describe persistentvolumeclaim ${name} -n ${namespace ?? ''}`,
      severity: 'low',
    };
  }
  const told = object.kind === 'Namespace' ? tellingCondition(object) : undefined;
  const message = text(told?.['message']);
  const where = namespace === undefined ? '' : ` -n ${namespace}`;
  return {
    holder: text(told?.['type']) ?? finalizers.join(', '),
    ...(message !== undefined && { why: `the API server says: ${message.slice(0, 300)}` }),
    fix: `Find out what is still there, and bring back the controller that clears it away:\nkubectl get ${object.kind.toLowerCase()} ${name}${where} -o yaml`,
  };
}

/** What a Namespace tells in its status of why it is still there, what explains the others first. */
function tellingCondition(object: KubernetesObject): Fields | undefined {
  return reasons.map((type) => conditionOf(object, type)).find(isTrue);
}

function lasting(minutes: number): string {
  if (minutes < 120) return `${minutes} minutes`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} hours` : `${Math.floor(minutes / (24 * 60))} days`;
}
