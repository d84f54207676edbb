import { authorSet } from '../../kubernetes/author-intent.ts';
import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import type { Reach } from '../../kubernetes/csi-drivers.ts';
import { allowedZones, isInOneZone, provisionerOf, volumeTopology } from '../../kubernetes/csi-topology.ts';
import { own } from '../../kubernetes/fields.ts';
import { isHandMade } from '../../kubernetes/storage-class.ts';
import type { Action } from '../action.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';

interface Params {
  /** Reach by provisioner, for drivers that the table lacks or where this installation differs. */
  drivers: Record<string, Reach>;
  /** Whether Immediate is fine for zonal disks while all nodes stand in one zone. */
  singleZoneOk: boolean;
}

/** Volumes that are made before the scheduler has chosen a node, by a driver whose volumes are tied to a place. */
interface EarlyBinding {
  readonly reach: Reach | 'unknown';
  readonly hint: string | undefined;
  readonly author: 'yes' | 'no' | 'unknown';
}

const pointer = '/volumeBindingMode';

export const volumeBindingMode = defineCheck<Params>({
  id: 'storage/volume-binding-mode',
  title: 'Volumes wait for their pod',
  why: 'the disk gets its zone before the pod has a node, and a pod that must run in another zone stays Pending',
  prevents: [
    "FailedScheduling: node(s) didn't match PersistentVolume's node affinity (volume node affinity conflict before 1.33)",
    'a StatefulSet that hangs at one replica after a zone is full or lost',
  ],
  remedy:
    'Set volumeBindingMode: WaitForFirstConsumer. The field is immutable: an existing class is deleted and created again, ' +
    'which leaves its volumes alone. A class that only serves volumes made by hand may say so in the annotation ' +
    'daytwo.dev/allow-immediate-binding, with the reason as its value.',
  severity: 'critical',
  kinds: ['storage.k8s.io/StorageClass'],
  reads: { 'core/Node': 'none', 'storage.k8s.io/CSINode': 'none', 'storage.k8s.io/CSIDriver': 'none' },
  allowAnnotation: 'daytwo.dev/allow-immediate-binding',
  params: {
    schema: {
      type: 'object',
      properties: {
        drivers: {
          type: 'object',
          required: [],
          additionalProperties: { type: 'string', enum: ['zone', 'node', 'cluster'] },
        },
        singleZoneOk: { type: 'boolean' },
      },
      required: [],
      additionalProperties: false,
    },
    defaults: { drivers: {}, singleZoneOk: true },
  },
  patchOperations: ['CREATE'],
  *evaluate(subject, params, view) {
    const early = findEarlyBinding(subject, params, view);
    if (early !== undefined) yield describe(subject, early, strictest(subject, early, view));
  },
  patch(subject, params, view) {
    const early = findEarlyBinding(subject, params, view);
    // An addon manager would apply its own text again and fail on the immutable field.
    if (early === undefined || early.author === 'yes' || early.reach === 'unknown' || isAddonManager(subject))
      return [];
    return [{ op: 'add', path: pointer, value: 'WaitForFirstConsumer' }];
  },
});

function findEarlyBinding(subject: CheckSubject, params: Params, view: ClusterView): EarlyBinding | undefined {
  const { object, source } = subject;
  if ((object['volumeBindingMode'] ?? 'Immediate') !== 'Immediate') return undefined;
  const stated = own(params.drivers, provisionerOf(object)) as Reach | undefined;
  const { reach, hint } = stated === undefined ? volumeTopology(object, view) : { reach: stated, hint: undefined };
  if (reach === 'cluster' || (reach === 'unknown' && hint === undefined)) return undefined;
  if (reach !== 'node' && (allowedZones(object)?.size === 1 || (params.singleZoneOk && isInOneZone(object, view))))
    return undefined;
  return { reach, hint, author: authorSet(object, pointer, source) };
}

/** Only an Immediate that someone wrote, for volumes that are certainly tied to a place, is worth refusing. */
function strictest(subject: CheckSubject, { reach, author }: EarlyBinding, view: ClusterView): Action {
  const exists = subject.operation === 'UPDATE' || subject.source === 'live';
  if (exists || reach === 'unknown' || isAddonManager(subject)) return 'Audit';
  // It serves volumes made by hand: local disks as a rule, but an NFS share looks the same from here.
  if (isHandMade(subject.object)) return 'Warn';
  // Without the Nodes nobody can rule out a cluster in a single zone.
  const unsure = reach === 'zone' && view.knows('core/Node') === 'none';
  return author === 'yes' && !unsure ? 'Deny' : 'Warn';
}

function describe(subject: CheckSubject, early: EarlyBinding, atMost: Action): Finding {
  const mode = early.author === 'no' ? 'no volumeBindingMode, so Immediate' : 'volumeBindingMode is Immediate';
  const tie = early.hint ?? `volumes are tied to a ${early.reach}`;
  return {
    identity: 'volumeBindingMode',
    path: pointer,
    message: `${mode}, but ${provisionerOf(subject.object)} ${tie}`,
    ...(early.reach === 'node' && {
      why: 'the volume is put on a node before anyone asked whether the pod fits there',
    }),
    ...(early.reach === 'unknown' && { severity: 'medium' }),
    fix: fixFor(subject),
    atMost,
  };
}

function fixFor({ operation, source }: CheckSubject): string {
  if (operation === 'CREATE' && source !== 'live')
    return 'Let the volume be made where the pod was placed:\nvolumeBindingMode: WaitForFirstConsumer';
  return (
    'Delete the class and create it again (the field is immutable; its volumes and claims stay as they are) with:\n' +
    'volumeBindingMode: WaitForFirstConsumer'
  );
}

/** They bring the classes that a cloud ships, some of them Immediate: nobody at hand could mend those. */
const addonManagers: ReadonlySet<string> = new Set([
  'addon-manager',
  'system:addon-manager',
  'system:serviceaccount:kube-system:addon-manager',
  'eks:addon-manager',
  'eks:cluster-bootstrap',
  'aksService',
]);

function isAddonManager({ user }: CheckSubject): boolean {
  return user !== undefined && addonManagers.has(user);
}
