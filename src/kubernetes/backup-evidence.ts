import type { ClusterView } from './cluster-view.ts';
import { at, type Fields, fields, list, text } from './fields.ts';
import { matchesSelector } from './label-selector.ts';
import type { GroupKind, KubernetesObject } from './object.ts';
import { some } from './some.ts';

/** A claim whose data somebody may keep a copy of. */
export interface KeptClaim {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

const day = 24 * 60 * 60 * 1000;

const snapshotKind: GroupKind = 'snapshot.storage.k8s.io/VolumeSnapshot';
const scheduleKind: GroupKind = 'velero.io/Schedule';
const postgresBackupKind: GroupKind = 'postgresql.cnpg.io/ScheduledBackup';
const mysqlBackupKind: GroupKind = 'pxc.percona.com/PerconaXtraDBClusterBackup';
const etcdKind: GroupKind = 'druid.gardener.cloud/Etcd';

/** The kinds of objects by which backups show. */
export const backupKinds: readonly GroupKind[] = [
  scheduleKind,
  snapshotKind,
  postgresBackupKind,
  mysqlBackupKind,
  etcdKind,
];

/** Whether a schedule, a snapshot that is young enough, or the backup of a database operator has a copy of the claim's data. */
export function isBackedUp(claim: KeptClaim, view: ClusterView, now: number, maxAgeDays: number): boolean {
  const { namespace } = claim;
  const isYoung = (one: KubernetesObject): boolean => ageOf(one, now) <= maxAgeDays * day;
  return (
    some(view.list(snapshotKind, namespace), (one) => isOf(one, claim) && isUsable(one) && isYoung(one)) ||
    some(view.all(scheduleKind), (one) => covers(one, claim)) ||
    some(
      view.list(postgresBackupKind, namespace),
      (one) => backsUp(one, ['cluster', 'name'], claim, 'cnpg.io/cluster') && at(one, 'spec', 'suspend') !== true,
    ) ||
    some(
      view.list(mysqlBackupKind, namespace),
      (one) => backsUp(one, ['pxcCluster'], claim, instance) && at(one, 'status', 'state') !== 'Failed' && isYoung(one),
    ) ||
    some(view.list(etcdKind, namespace), (one) => hasStore(one) && isInstance(claim, one.metadata.name))
  );
}

const instance = 'app.kubernetes.io/instance';

/** What a Schedule says in `spec.template`; without namespaces it is for all. Source: velero.io/v1 BackupSpec. */
function covers(schedule: KubernetesObject, { namespace, labels }: KeptClaim): boolean {
  const spec = fields(schedule['spec']);
  const template = fields(spec['template']);
  const included = list(template['includedNamespaces']);
  const alternatives = list(template['orLabelSelectors']);
  const volumesLeftOut = template['snapshotVolumes'] === false && template['defaultVolumesToFsBackup'] !== true;
  return (
    spec['paused'] !== true &&
    !volumesLeftOut &&
    (included.length === 0 || included.includes('*') || included.includes(namespace)) &&
    !list(template['excludedNamespaces']).includes(namespace) &&
    includesClaims(template) &&
    selectsBy(template['labelSelector'] ?? undefined, labels) &&
    (alternatives.length === 0 || alternatives.some((one) => selectsBy(one, labels)))
  );
}

function selectsBy(selector: unknown, labels: KeptClaim['labels']): boolean {
  return selector === undefined || matchesSelector(selector, labels) === 'yes';
}

/** Two generations of fields name the resources; each list may be missing, for all or for none. */
function includesClaims(template: Fields): boolean {
  const included = ['includedResources', 'includedNamespaceScopedResources'].map((field) => list(template[field]));
  const excluded = ['excludedResources', 'excludedNamespaceScopedResources'].map((field) => list(template[field]));
  return included.every((one) => one.length === 0 || one.some(namesClaims)) && !excluded.flat().some(namesClaims);
}

function namesClaims(resource: unknown): boolean {
  return /^(\*|pvc|persistentvolumeclaims?)$/i.test(String(resource));
}

function isOf(snapshot: KubernetesObject, { name }: KeptClaim): boolean {
  return at(snapshot, 'spec', 'source', 'persistentVolumeClaimName') === name;
}

/** One that failed, or says that it is not ready yet, brings nothing back; one without a status is only just asked for. */
function isUsable(snapshot: KubernetesObject): boolean {
  return at(snapshot, 'status', 'readyToUse') !== false && (at(snapshot, 'status', 'error') ?? undefined) === undefined;
}

/** Milliseconds; Infinity where nobody knows. */
function ageOf(snapshot: KubernetesObject, now: number): number {
  const made = text(at(snapshot, 'status', 'creationTime')) ?? snapshot.metadata.creationTimestamp ?? '';
  const time = Date.parse(made);
  return Number.isNaN(time) ? Infinity : now - time;
}

function backsUp(backup: KubernetesObject, path: readonly string[], { labels }: KeptClaim, label: string): boolean {
  const cluster = at(backup['spec'], ...path);
  return cluster !== undefined && cluster === labels[label];
}

function hasStore(etcd: KubernetesObject): boolean {
  return at(etcd, 'spec', 'backup', 'store') !== undefined;
}

function isInstance({ labels }: KeptClaim, name: string | undefined): boolean {
  return name !== undefined && [labels['instance'], labels[instance]].includes(name);
}
